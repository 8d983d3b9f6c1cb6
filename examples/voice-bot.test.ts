import { connect } from "yayts/client";
import { createEngine } from "yayts/engine";
import { patientRtp, type Subject } from "./test/subject.ts";
import { voiceBotPartTests, voiceBotTests } from "./test/voice-bot-tests.ts";

async function inProcess(): Promise<Subject> {
  const engine = await createEngine({ config: { yrtpchan: patientRtp } });
  return { connect: async () => engine.connect(), stop: () => engine.stop() };
}

async function overTcp(): Promise<Subject> {
  const listeners = [{ name: "tcp", port: 0 }];
  const engine = await createEngine({ config: { yrtpchan: patientRtp }, extmodule: { listeners } });
  return { connect: () => connect(engine.addresses.get("tcp") ?? ""), stop: () => engine.stop() };
}

voiceBotPartTests();
voiceBotTests("the embedded engine", inProcess);
voiceBotTests("the embedded engine over TCP", overTcp);
