import assert from "node:assert/strict";
import { it, mock } from "node:test";
import { speakNumber, withCalls } from "yayts";
import { identify } from "yayts/media";
import { loadPrompts } from "yayts/testing";
import echoTest from "../echo-test.ts";
import { describeExample, type Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** Of what the example prints. */
interface Figures {
  readonly from: string;
  readonly roundTripMs: number | undefined;
}

/** Calls as one who returns all sound after `delayMs`, for twelve seconds; what it heard. */
async function callWithEcho(stage: Stage, delayMs: number): Promise<Int16Array> {
  const outcome = await withCalls(stage.callers).call("echo-test", { from: `echo${delayMs}` });
  assert.ok(outcome.kind === "answered");
  const opened = await outcome.call.audio();
  assert.ok(opened.kind === "open");
  const { audio } = opened;
  const heard = new Int16Array(12_000 * 8);
  let length = 0;
  void audio.write(new Int16Array(delayMs * 8));
  for await (const { samples } of audio.frames()) {
    if (audio.queuedMs <= delayMs) void audio.write(samples);
    heard.set(samples, length);
    length += samples.length;
    if (length === heard.length) break;
  }
  await outcome.call.hangup();
  return heard;
}

export function echoTestTests(title: string, start: () => Promise<Subject>): void {
  const tests = (stage: Stage): void => {
    it("measures the delay of a far end that returns sound, prints it and says it", async () => {
      const printed = mock.method(console, "log", () => {});
      const [heard] = await Promise.all([callWithEcho(stage, 200), callWithEcho(stage, 500)]);
      printed.mock.restore();
      const figures = printed.mock.calls.map(({ arguments: [one] }) => one as Figures);
      const [near, far] = ["echo200", "echo500"].map(
        (from) => figures.find((one) => one.from === from)?.roundTripMs ?? 0,
      );
      assert.ok(near && far, JSON.stringify(figures));
      // Beside the far end's own delay there are two jitter buffers, and 20 ms of packets each way.
      assert.ok(near >= 200 && near < 400, `${near} ms`);
      assert.ok(Math.abs(far - near - 300) <= 60, `${near} and ${far} ms`);
      const names = identify(heard, await loadPrompts()).map(({ name }) => name);
      const said = speakNumber(Math.round(near)).map((name) => name.replace(/^en:(\w+)/, "$1/en"));
      assert.ok(names.join().includes(said.join()), `${said} in ${names}`);
    });

    it("returns what a caller says who returns nothing, and measures again at a key", async () => {
      await using caller = await stage.call("echo-test");
      await caller.hears("echo-test/en/welcome", { timeoutMs: 8000 });
      await caller.hears("echo-test/en/not-back");
      await caller.hears("echo-test/en/our-delay");
      await caller.hears("echo-test/en/speak", { timeoutMs: 8000 });
      await caller.say("./sounds/digits/en/4.gsm");
      await caller.hears("digits/en/4");
      await caller.press("1");
      await caller.hears("echo-test/en/welcome", { timeoutMs: 8000 });
    });

    it("ends its side when the caller hangs up", async () => {
      const caller = await stage.call("echo-test");
      const legEnds = stage.callers.onwatch("chan.hangup", { id: caller.targetid });
      await caller.hangup();
      await legEnds;
    });
  };
  // One after the other: times are measured.
  describeExample(`echo-test on ${title}`, start, echoTest, tests, 1);
}
