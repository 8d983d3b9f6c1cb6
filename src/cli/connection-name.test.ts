import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../client/index.ts";
import { createEngine } from "../modules/index.ts";
import { connectionNamer } from "./connection-name.ts";

async function startedEngine() {
  const embedded = await createEngine({
    extmodule: { listeners: [{ name: "tcp", addr: "127.0.0.1", port: 0, role: "global" }] },
  });
  const names = (): readonly string[] => [...embedded.engine.apps].map(({ name }) => name);
  return { embedded, names, address: embedded.addresses.get("tcp") ?? "" };
}

test("a connection gets its name, and a second one of the same name a number", async () => {
  const { embedded, names, address } = await startedEngine();
  await using _engine = embedded;
  await using one = await connect(address);
  await using two = await connect(address);
  await connectionNamer(one, "keyecho.ts")();
  await connectionNamer(two, "keyecho.ts")();
  assert.deepEqual(names().slice(1), ["keyecho.ts", "keyecho.ts #2"]);
});

test("an app that has named itself keeps its name, also after its connection was lost", async () => {
  const { embedded, names, address } = await startedEngine();
  await using _engine = embedded;
  await using yate = await connect(address);
  const name = connectionNamer(yate, "keyecho.ts");
  await yate.setlocal("debugname", "menu");
  await name();
  assert.equal(names().at(-1), "menu");
  const back = Promise.withResolvers<void>();
  yate.onState(({ kind }) => kind === "connected" && back.resolve());
  [...embedded.engine.apps].at(-1)?.cut();
  await back.promise;
  await yate.setlocal("runid");
  assert.equal(names().at(-1), "menu");
});
