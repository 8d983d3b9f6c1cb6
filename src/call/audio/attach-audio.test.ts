import assert from "node:assert/strict";
import { test } from "node:test";
import { createEngine } from "yayts/engine";
import { type AudioSubject, audioContract } from "../../../test/contract/audio-contract.ts";
import { connectInProcess, startEngine } from "../../engine/index.ts";
import { dumb } from "../../modules/dumb.ts";
import { pbx } from "../../modules/pbx.ts";
import { attachAudio } from "./index.ts";

async function start(): Promise<AudioSubject> {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop() };
}

audioContract("the embedded engine", start);

test("an engine without RTP is told as such", async () => {
  const engine = await startEngine({ modules: [dumb(), pbx()] });
  const yate = connectInProcess(engine);
  const call = await yate.msg("call.execute", { callto: "dumb/a", target: "t", direct: "dumb/b" }).dispatch();
  const outcome = await attachAudio({ yate, leg: call.get("id") ?? "" });
  assert.ok(outcome.kind === "failed");
  assert.match(outcome.error.message, /no-audio.*no RTP module/);
  await engine.stop();
});
