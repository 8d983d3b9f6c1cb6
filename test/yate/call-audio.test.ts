import { test } from "node:test";
import { connect } from "yayts/client";
import { type AudioSubject, audioContract } from "../contract/audio-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const skip = whyNoYate();
if (skip) {
  test("sound of a leg on a real YATE", { skip }, () => {});
} else {
  audioContract("a real YATE", async (): Promise<AudioSubject> => {
    const yate = await startYate({ modules: ["extmodule", "dumbchan", "tonegen", "pbx", "yrtpchan"] });
    return { connect: () => connect(yate.tcp), stop: () => yate.stop() };
  });
}
