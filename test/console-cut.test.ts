import assert from "node:assert/strict";
import { test } from "node:test";
import { createEngine } from "yayts/engine";
import { connectCuttable } from "../src/console/cuttable-connection.ts";

test("a console's connection that is cut comes back by itself, not before its time is over", async () => {
  const listener = { name: "tcp", addr: "127.0.0.1", port: 0, role: "global" } as const;
  await using engine = await createEngine({ extmodule: { listeners: [listener] } });
  const { yate, cut } = await connectCuttable(engine.addresses.get("tcp") ?? "");
  const states: string[] = [];
  const back = new Promise<number>((resolve) => {
    yate.onState((state) => {
      states.push(state.kind);
      if (state.kind === "connected") resolve(state.downMs);
    });
  });
  cut(400);
  assert.ok((await back) >= 390);
  assert.equal(states[0], "reconnecting");
  assert.equal(await yate.setlocal("engine.version"), "6.4.1");
  await yate.close();
});

test("a connection that is closed while it is cut is over at once", async () => {
  const listener = { name: "tcp", addr: "127.0.0.1", port: 0, role: "global" } as const;
  await using engine = await createEngine({ extmodule: { listeners: [listener] } });
  const { yate, cut } = await connectCuttable(engine.addresses.get("tcp") ?? "");
  const lost = new Promise<void>((resolve) => {
    yate.onState(({ kind }) => {
      if (kind === "reconnecting") resolve();
    });
  });
  cut(60_000);
  await lost;
  await yate.close();
  assert.equal(yate.state.kind, "closed");
});
