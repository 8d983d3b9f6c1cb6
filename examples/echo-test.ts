/**
 * echo-test: call `echo-test` to measure the delay of a line, and to hear yourself; 1 measures again.
 *
 *     npx yayts dev examples/echo-test.ts
 *
 * A chirp goes out and is looked for in what comes back. Where the far end returns sound (an echo service, a loudspeaker beside
 * a microphone), the time between is the whole way there and back, with all buffers and the delay of the far end itself. Then
 * what comes is sent back: to what the line takes, that adds the delay of the playout buffer. Both are spoken, and printed
 * with jitter and losses.
 */
import { app, type Call, spoken } from "yayts";

export default app((yate) => yate.onCall("echo-test", echoTest), {
  prompts: new URL("./sounds/", import.meta.url),
});

async function echoTest(call: Call): Promise<void> {
  await call.answer();
  while (call.state === "answered") {
    await call.play("echo-test/welcome");
    const figures = await measure(call);
    if (!figures) return;
    console.log({ from: call.from, ...figures });

    const { roundTripMs, playoutDelayMs } = figures;
    await call.play([
      ...(roundTripMs
        ? ["echo-test/came-back", spoken.number(Math.round(roundTripMs))]
        : ["echo-test/not-back"]),
      ...["echo-test/our-delay", spoken.number(Math.round(playoutDelayMs)), "echo-test/speak"],
    ]);
    // Between two that return sound it would go round for ever.
    await echoUntilKey(call, roundTripMs ? 0.25 : 1);
  }
}

/** Listens for two seconds; `roundTripMs` is undefined when the chirp does not come back. */
async function measure(call: Call) {
  const opened = await call.audio();
  if (opened.kind !== "open") return undefined;
  await using audio = opened.audio;
  let [sentMs, sinceMs, length] = [0, 0, 0];
  audio.onSent((samples, atMs) => {
    if (samples) sentMs ||= atMs;
  });
  void audio.write(chirp);
  const heard = new Int16Array(2000 * 8);
  for await (const { samples, atMs } of audio.frames()) {
    sinceMs ||= atMs;
    heard.set(samples, length);
    length += samples.length;
    if (length === heard.length) break;
  }
  if (audio.over) return undefined;
  const at = find(chirp, heard);
  const { playoutDelayMs, jitterMs, lost } = audio.figures;
  return { roundTripMs: at < 0 ? undefined : sinceMs + at / 8 - sentMs, playoutDelayMs, jitterMs, lost };
}

async function echoUntilKey(call: Call, gain: number): Promise<void> {
  const opened = await call.audio();
  if (opened.kind !== "open") return;
  await using audio = opened.audio;
  audio.onFrame(({ samples }) => {
    // What comes late, as after a stall of this program, is left out: it would delay all that comes after it.
    if (audio.queuedMs < 60) void audio.write(samples.map((sample) => sample * gain));
  });
  await call.gather({ keys: "1", max: 1, firstDigitMs: Number.POSITIVE_INFINITY });
}

/** A tenth of a second, from 500 to 2500 Hz: nothing else looks like it. */
const chirp = Int16Array.from({ length: 800 }, (_, i) => {
  const hz = 500 + (1000 * i) / 800;
  return 8000 * Math.sin((Math.PI * i) / 800) * Math.sin((2 * Math.PI * hz * i) / 8000);
});

/** Where `heard` is most like `wanted`, however loud; -1 when it is nowhere. */
function find(wanted: Int16Array, heard: Int16Array): number {
  const norm = Math.hypot(...wanted);
  let [best, at] = [0.4, -1];
  for (let start = 0; start + wanted.length <= heard.length; start++) {
    let [product, power] = [0, 0];
    for (let i = 0; i < wanted.length; i++) {
      const sample = heard[start + i] ?? 0;
      product += sample * (wanted[i] ?? 0);
      power += sample * sample;
    }
    const likeness = Math.abs(product) / (norm * Math.sqrt(power) || 1);
    if (likeness > best) [best, at] = [likeness, start];
  }
  return at;
}
