import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { createResampler } from "yayts/media";
import type { Phone, PhoneDesk } from "../../src/console/phone/phone.ts";
import type { LineView, PhoneView, SoundFrame } from "../../src/console/protocol.ts";

/** A frame as a page got it. */
export interface GotFrame extends SoundFrame {
  readonly atMs: number;
}

/** A page of the console without a browser: its session's phone, with a microphone and ears. */
export interface Page extends Disposable {
  readonly session: string;
  readonly phone: Phone;
  readonly views: PhoneView[];
  readonly got: GotFrame[];
  readonly number: string;
  /** The line of that number, or the only one. */
  line(number?: number): LineView;
  /** Waits until a line looks so. */
  until(what: string, holds: (view: PhoneView) => boolean, timeoutMs?: number): Promise<void>;
  /** … is in that state. */
  state(state: LineView["state"], line?: number): Promise<LineView>;
  /** Says samples at 8 or 16 kHz into a line, at their pace. Resolves when they are said, to when it began. */
  speak(samples: Int16Array, options?: { line?: number; rateHz?: 8000 | 16_000 }): Promise<number>;
  /** All that it heard since the beginning, or a frame, at 8 kHz. */
  heard(from?: number): Int16Array;
  leave(): void;
}

let pages = 0;

export function openPage(desk: PhoneDesk, session = `page${++pages}`): Page {
  const phone = desk.of(session);
  desk.present(session, true);
  const views: PhoneView[] = [phone.view];
  const got: GotFrame[] = [];
  const stops = [
    phone.onChange((view) => void views.push(view)),
    phone.onSound((frame) => void got.push({ ...frame, atMs: performance.now() })),
  ];
  let position = 0;
  const leave = (): void => {
    for (const stop of stops.splice(0)) stop();
    desk.present(session, false);
  };
  const page: Page = {
    session,
    phone,
    views,
    got,
    get number() {
      return phone.view.number;
    },
    line(number) {
      const { lines } = phone.view;
      const line = number === undefined ? lines[0] : lines.find((one) => one.line === number);
      assert.ok(line, `there is a line ${number ?? ""}`);
      return line;
    },
    async until(what, holds, timeoutMs = 5000) {
      const endMs = performance.now() + timeoutMs;
      while (!holds(phone.view)) {
        assert.ok(performance.now() < endMs, `in vain until ${what}: ${JSON.stringify(phone.view)}`);
        await delay(5);
      }
    },
    async state(state, line = 1) {
      await page.until(`line ${line} is ${state}`, ({ lines }) =>
        lines.some((one) => one.line === line && one.state === state),
      );
      return page.line(line);
    },
    async speak(samples, { line = 1, rateHz = 8000 } = {}) {
      const size = rateHz / 50;
      const beganMs = performance.now();
      for (let at = 0; at < samples.length; at += size) {
        const frame = new Int16Array(size);
        frame.set(samples.subarray(at, at + size));
        phone.hear({ line, rateHz, position, samples: frame });
        position = (position + size) >>> 0;
        const dueMs = beganMs + (at / size + 1) * 20;
        if (dueMs > performance.now()) await delay(dueMs - performance.now());
      }
      return beganMs;
    },
    heard(from = 0) {
      const narrow = createResampler(16_000, 8000);
      return Int16Array.from(
        got
          .slice(from)
          .flatMap(({ samples, rateHz }) => [...(rateHz === 8000 ? samples : narrow.push(samples))]),
      );
    },
    leave,
    [Symbol.dispose]: leave,
  };
  return page;
}

/** Noise within the telephone's band, the same for a seed: nothing correlates with it but itself. */
export function noise(ms: number, seed: number, rateHz = 8000): Int16Array {
  let state = seed;
  let low = 0;
  return Int16Array.from({ length: (ms * rateHz) / 1000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    low += ((state / 2 ** 32 - 0.5) * 16_000 - low) * (rateHz === 8000 ? 0.5 : 0.25);
    return Math.round(low);
  });
}
