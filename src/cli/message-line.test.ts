import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../base/index.ts";
import { Params, type WatchedMessage } from "../bus/index.ts";
import { createMessageFilter, messagesToWatch } from "./message-filter.ts";
import { formatMessageJson, formatMessageLine } from "./message-line.ts";
import { createStyle } from "./style.ts";

const at = new Date(createManualClock().now());

function seen(name: string, params: readonly (readonly [string, string])[], retvalue = ""): WatchedMessage {
  const list = Params.from(params);
  const message: WatchedMessage = {
    name,
    retvalue,
    handled: true,
    params: list,
    get: (param) => list.get(param),
    set: (param, value) => {
      list.set(param, value);
      return message;
    },
  };
  return message;
}

describe("a traced message", () => {
  it("is one line, whatever its values hold", () => {
    const line = formatMessageLine(
      seen(
        "x.y",
        [
          ["a", "1\n2\u001b[31m"],
          ["b", ""],
        ],
        "r s",
      ),
      at,
      createStyle(false),
    );
    assert.match(line, /^[\d:.]{12} ✓ x\.y → "r s" a="1\\n2\\u001b\[31m" b=""$/);
  });

  it("is one JSON object that keeps repeated parameters", () => {
    const object: unknown = JSON.parse(
      formatMessageJson(
        seen("x.y", [
          ["a", "1"],
          ["b", "2"],
          ["a", "3"],
        ]),
        at,
      ),
    );
    assert.deepEqual(object, {
      time: "2026-01-01T00:00:00.000Z",
      name: "x.y",
      handled: true,
      retvalue: "",
      params: { a: ["1", "3"], b: "2" },
    });
  });
});

describe("a message filter", () => {
  const fits = (
    names: string[],
    channel: string | undefined,
    params: string[],
    message: WatchedMessage,
  ): boolean => createMessageFilter({ names, channel, params })(message);

  it("takes names with stars, all without names but engine.timer", () => {
    assert.equal(fits(["call.*"], undefined, [], seen("call.route", [])), true);
    assert.equal(fits(["call.*"], undefined, [], seen("xcall.route", [])), false);
    assert.equal(fits(["a.b"], undefined, [], seen("axb", [])), false);
    assert.equal(fits([], undefined, [], seen("engine.timer", [])), false);
    assert.equal(fits(["engine.timer"], undefined, [], seen("engine.timer", [])), true);
  });

  it("knows a call by any of the parameters that name a channel", () => {
    assert.equal(fits([], "d/1", [], seen("x", [["targetid", "d/1"]])), true);
    assert.equal(fits([], "d/1", [], seen("x", [["other", "d/1"]])), false);
  });

  it("wants every parameter", () => {
    const message = seen("x", [
      ["a", "one"],
      ["b", "two"],
    ]);
    assert.equal(fits([], undefined, ["a=o*", "b=two"], message), true);
    assert.equal(fits([], undefined, ["a=o", "b=two"], message), false);
    assert.throws(() => fits([], undefined, ["=x"], message), /--param must be NAME=VALUE/);
  });

  it("asks the engine for no more names than it needs", () => {
    assert.deepEqual(messagesToWatch(["a", "b", "a"]), ["a", "b"]);
    assert.deepEqual(messagesToWatch(["a", "b*"]), [""]);
    assert.deepEqual(messagesToWatch([]), [""]);
  });
});
