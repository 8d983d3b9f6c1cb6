import { computed, type ReadonlySignal } from "@preact/signals";
import type { LineView } from "../../../src/console/protocol.ts";
import { attempt, connection, phone } from "../console.ts";
import { remember } from "./recent-numbers.ts";
import { settings } from "./sound/settings.ts";
import { playKey } from "./sound/tones.ts";

/** The line that is heard and spoken into, also when its call is over. */
export const selectedLine: ReadonlySignal<LineView | undefined> = computed(() =>
  phone.value.lines.find(({ line }) => line === phone.value.selected),
);

/** The selected line while there is a call on it. */
export const activeLine: ReadonlySignal<LineView | undefined> = computed(() =>
  selectedLine.value?.state === "ended" ? undefined : selectedLine.value,
);

/** The first call that rings here. */
export const ringingLine: ReadonlySignal<LineView | undefined> = computed(() =>
  phone.value.lines.find(({ direction, state }) => direction === "incoming" && state === "ringing"),
);

/** Whether words of the other side may come, so that the microphone is worth having. */
export const talkingLine: ReadonlySignal<number | undefined> = computed(() => {
  const line = activeLine.value;
  return line && (line.state === "answered" || line.state === "early") && !line.held ? line.line : undefined;
});

export async function dial(to: string): Promise<void> {
  const number = to.trim();
  if (!number) return;
  remember(number);
  await attempt(connection.ask("phone.dial", { to: number, rateHz: settings.value.rateHz }));
}

export async function answer(line: number): Promise<void> {
  await attempt(connection.ask("phone.answer", { line, rateHz: settings.value.rateHz }));
}

export async function hangup(line: number): Promise<void> {
  await attempt(connection.ask("phone.hangup", { line }));
}

export async function hold({ line, held }: LineView): Promise<void> {
  await attempt(connection.ask("phone.hold", { line, on: !held }));
}

export async function select(line: number): Promise<void> {
  await attempt(connection.ask("phone.select", { line }));
}

/** Whether keys can go into the call. */
export function takesKeys(line: LineView | undefined): line is LineView {
  return line !== undefined && (line.state === "answered" || line.state === "early");
}

/** Sends a key into the call, and lets it be heard. */
export async function pressKey(key: string): Promise<void> {
  playKey(key);
  const line = activeLine.value;
  if (takesKeys(line)) await attempt(connection.ask("phone.key", { line: line.line, key }));
}
