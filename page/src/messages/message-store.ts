import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type ParsedFilter, parseFilter } from "../../../src/trace/filter.ts";
import { attempt, connection } from "../console.ts";
import { stored } from "../parts/stored.ts";
import { MessageBook, type MessageRow } from "./message-book.ts";

/** How many of the latest messages the server is asked for when the table opens or its filter changes. */
const backlog = 3000;
/** A filter takes effect when nobody has typed for so long. */
const typingMs = 250;

/** The filter as it stands in its box, right or wrong. */
export const filterText: Signal<string> = stored(
  "messages-filter",
  "-engine.timer",
  (found): found is string => typeof found === "string",
);
export const parsedFilter: ReadonlySignal<ParsedFilter> = computed(() => parseFilter(filterText.value));
/** The last filter that was right. */
const applied: Signal<string> = signal(parsedFilter.peek().ok ? filterText.peek() : "");

export const paused: Signal<boolean> = signal(false);
/** Of all messages, whatever the filter. */
export const perSecond: Signal<number> = signal(0);
/** Records that never reached the console, and messages that were too many for the page; since the table was cleared. */
export const lostCount: Signal<number> = signal(0);
export const skippedCount: Signal<number> = signal(0);
/** The message whose detail is shown. */
export const chosen: Signal<MessageRow | undefined> = signal(undefined);

const book = new MessageBook();
/** Goes up when something came. */
const revision = signal(0);
/** The filter that what is in the book fits. */
let followed = applied.peek();

/** What the table shows. */
export const rows: ReadonlySignal<readonly MessageRow[]> = computed(() => {
  void revision.value;
  // A paused table is not asked for anew: it is narrowed down here.
  const parsed = paused.value && applied.value !== followed ? parseFilter(applied.value) : undefined;
  const fits = parsed?.ok && !parsed.all ? parsed.fits : undefined;
  // A new array each time: that is how a change is seen.
  return fits ? book.rows.filter(({ record }) => fits(record)) : book.rows.slice();
});

/** How many messages came while the table was paused. */
export const asideCount: ReadonlySignal<number> = computed(() => {
  void revision.value;
  return book.asideCount;
});

/** The table is drawn anew so often at most: nobody reads faster, and there is time left for scrolling. */
const drawMs = 80;
let waiting = false;
let drawnMs = 0;
function changed(): void {
  if (waiting) return;
  waiting = true;
  const draw = (atMs: number): void => {
    if (atMs - drawnMs < drawMs) {
      requestAnimationFrame(draw);
      return;
    }
    drawnMs = atMs;
    waiting = false;
    revision.value++;
  };
  requestAnimationFrame(draw);
}

let timer: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const text = filterText.value;
  clearTimeout(timer);
  if (!parsedFilter.value.ok) return;
  timer = setTimeout(() => {
    applied.value = text;
  }, typingMs);
});

connection.on("messages", (told) => {
  perSecond.value = Math.round(told.perSecond);
  if (told.lost) lostCount.value += told.lost;
  if (told.skipped) skippedCount.value += told.skipped;
  if (told.records.length === 0) return;
  // What was on its way when the filter changed fits the one before.
  const parsed = parseFilter(followed);
  book.add(
    parsed.ok && !parsed.all
      ? told.records.filter(({ record }) => record.kind === "message" && parsed.fits(record))
      : told.records,
  );
  changed();
});

/** Follows messages until the function returned is called; another filter begins the table anew. */
export function followMessages(): () => void {
  let end: (() => void) | undefined;
  const stop = effect(() => {
    const filter = applied.value;
    // Still followed while paused: what comes is counted.
    if (end && (paused.value || filter === followed)) return;
    if (filter !== followed) book.clear();
    followed = filter;
    changed();
    end?.();
    end = connection.follow({ topic: "messages", filter, backlog });
  });
  return () => {
    stop();
    end?.();
  };
}

export function pause(on: boolean): void {
  if (on) book.pause();
  else book.resume();
  paused.value = on;
  changed();
}

/** Shows what came meanwhile, and stays paused. */
export function showAside(): void {
  book.showAside();
  changed();
}

/** Empties the table, here and in the server's memory. */
export async function clearMessages(): Promise<void> {
  book.clear();
  lostCount.value = 0;
  skippedCount.value = 0;
  chosen.value = undefined;
  changed();
  await attempt(connection.ask("messages.clear", {}));
}

/** The latest rows, as they are: for what need not be told of every change. */
export function latestRows(): readonly MessageRow[] {
  return book.rows;
}
