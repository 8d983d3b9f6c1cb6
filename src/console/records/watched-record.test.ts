import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Params } from "../../bus/index.ts";
import { secretMask } from "../../trace/index.ts";
import { recordOfWatched, trackedSteps } from "./watched-record.ts";

const names = (tracked: string, handled = true): string =>
  trackedSteps(tracked, handled)
    .map((step) => `${step.name}@${step.priority}${step.handled ? "!" : ""}`)
    .join(" ");

describe("what a watcher is told of a message", () => {
  it("names who was asked, the last as the one who handled it", () => {
    assert.equal(names("queues:45,yrtp:50,cdrbuild:50"), "queues@45 yrtp@50 cdrbuild@50!");
    assert.equal(names("queues:45,cdrbuild:50", false), "queues@45 cdrbuild@50");
  });

  it("leaves out who was asked in an earlier dispatch of the same message", () =>
    assert.equal(
      names("cdrbuild:50,regexroute:100,cdrbuild:50,yrtp:50,dumb:90"),
      "cdrbuild@50 yrtp@50 dumb@90!",
    ));

  it("takes a negative priority for the last place", () =>
    assert.equal(names("cdrbuild:50,late:-1"), "cdrbuild@50 late@-1!"));

  it("reads times beside the priorities, and passes over what is no handler", () =>
    assert.equal(names("cdrbuild:50#0.123,,what,a:b:7"), "a:b@7!"));

  it("has no secret", () => {
    const record = recordOfWatched(
      {
        name: "user.auth",
        retvalue: "opensesame",
        handled: true,
        params: Params.from({ username: "alice", password: "opensesame" }),
      },
      1,
      2,
    );
    assert.equal(record.retvalue, secretMask);
    assert.ok(!JSON.stringify(record).includes("opensesame"));
  });
});
