import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { SourcedRecord } from "../../../src/trace/index.ts";
import {
  fitZoom,
  itemNear,
  type LadderGeometry,
  type LadderLane,
  type LadderLayout,
  type LadderModel,
  type LadderZoom,
  ladderGeometry,
  ladderModel,
  layoutLadder,
  readingZoom,
  rowPx,
  type SoundPeaks,
  zoomBy,
} from "../../../src/trace/ladder/index.ts";
import { nowMs } from "../parts/now.ts";
import { stored } from "../parts/stored.ts";

const isLanes = (found: unknown): found is LadderLane[] => Array.isArray(found);
/** Lanes that the user folded: of all calls. */
const folded: Signal<readonly LadderLane[]> = stored<LadderLane[]>("ladder-folded", [], isLanes);

/** Whether runs of quiet messages are taken apart: of all calls. */
const all: Signal<boolean> = stored<boolean>(
  "ladder-all",
  false,
  (found): found is boolean => typeof found === "boolean",
);

/** A call's last records come so long after its end. */
const settleMs = 1500;

/** The ladder of one call as the user sees it: what is chosen, where, how near. */
export class LadderState {
  readonly records: Signal<readonly SourcedRecord[]> = signal([]);
  /** The call goes on. */
  readonly live: Signal<boolean> = signal(false);
  readonly model: ReadonlySignal<LadderModel> = computed(() => ladderModel(this.records.value));
  readonly peaks: Signal<SoundPeaks | undefined> = signal(undefined);
  /** Key of the chosen record or span. */
  readonly selected: Signal<string | undefined> = signal(undefined);
  readonly hovered: Signal<string | undefined> = signal(undefined);
  readonly cursorMs: Signal<number | undefined> = signal(undefined);
  readonly following: Signal<boolean> = signal(true);
  /** Of the place in which it is seen. */
  readonly size: Signal<{ readonly width: number; readonly height: number }> = signal({
    width: 0,
    height: 0,
  });
  readonly scrollTop: Signal<number> = signal(0);
  /** The ladder was moved by something else than scrolling: its place must follow. */
  moved = false;
  /** Until when what comes moves the view. */
  #settleMs = 0;
  readonly #zoom: Signal<LadderZoom | undefined> = signal(undefined);
  readonly #open: Signal<ReadonlySet<string>> = signal(new Set());

  readonly endMs: ReadonlySignal<number> = computed(() =>
    this.live.value ? Math.max(this.model.value.endMs, nowMs.value) : this.model.value.endMs,
  );
  readonly layout: ReadonlySignal<LadderLayout> = computed(() =>
    layoutLadder(this.model.value, {
      ...this.zoom,
      open: this.#open.value,
      all: all.value,
      nowMs: this.endMs.value,
    }),
  );
  readonly folded: ReadonlySignal<ReadonlySet<LadderLane>> = computed(() => new Set(folded.value));
  readonly geometry: ReadonlySignal<LadderGeometry> = computed(() =>
    ladderGeometry(this.model.value, {
      width: this.size.value.width,
      folded: this.folded.value,
      sound: this.peaks.value !== undefined,
    }),
  );

  /** Until the user zooms, silence takes as much room as reads well. */
  get zoom(): LadderZoom {
    return this.#zoom.value ?? readingZoom(this.model.value, this.endMs.value);
  }

  /** Every message has a row, also those that nobody took and that say nothing new. */
  get all(): boolean {
    return all.value;
  }

  toggleAll(): void {
    this.#leave();
    const atMs = this.layout.value.scale.timeAt(this.scrollTop.value + this.size.value.height / 2);
    all.value = !all.value;
    this.showTime(atMs);
  }

  /** What is known of the call now. */
  take(records: readonly SourcedRecord[], live: boolean, peaks: SoundPeaks | undefined): void {
    const now = Date.now();
    if (this.live.value && !live && this.following.value) this.#settleMs = now + settleMs;
    this.records.value = records;
    this.live.value = live;
    this.peaks.value = peaks;
    if (now < this.#settleMs) this.#settle();
  }

  /** The user went somewhere: what comes yet must not take the view away again. */
  #leave(): void {
    this.#settleMs = 0;
  }

  /** The call that was followed is over: all of it at once if each row can still be read, else its end. */
  #settle(): void {
    const whole = fitZoom(this.model.value, this.size.value.height, this.endMs.value, all.value);
    if (whole.groupMs > 0 || this.size.value.height === 0) this.scrollTo(1e9);
    else this.fit();
  }

  fold(lane: LadderLane): void {
    const others = folded.value.filter((one) => one !== lane);
    // All folded would show nothing.
    folded.value =
      others.length < folded.value.length ? others : others.length === 2 ? [lane] : [...others, lane];
  }

  /** Nearer or farther; what is at `y` of the place stays there. */
  zoomAt(factor: number, y: number = this.size.value.height / 2): void {
    this.#leave();
    const atMs = this.layout.value.scale.timeAt(this.scrollTop.value + y);
    this.#zoom.value = zoomBy(this.zoom, factor);
    this.scrollTo(this.layout.value.scale.yOf(atMs) - y);
  }

  /** All of it at once. */
  fit(): void {
    this.#zoom.value = fitZoom(this.model.value, this.size.value.height, this.endMs.value, all.value);
    this.#open.value = new Set();
    this.scrollTo(0);
  }

  /** As at first. */
  unzoom(): void {
    this.#leave();
    const atMs = this.layout.value.scale.timeAt(this.scrollTop.value + this.size.value.height / 2);
    this.#zoom.value = undefined;
    this.showTime(atMs);
  }

  openGroup(row: number): void {
    this.#leave();
    const { rows, model } = this.layout.value;
    const key = model.items[rows[row]?.first ?? -1]?.key;
    if (key === undefined) return;
    this.#open.value = new Set([...this.#open.value, key]);
    this.selected.value = key;
  }

  scrollTo(top: number): void {
    this.moved = true;
    const most = Math.max(0, this.layout.value.height - this.size.value.height);
    this.scrolled(Math.min(most, Math.max(0, top)), most);
  }

  /**
   * The user scrolled, or a place that grew did.
   * @param most how far it goes, as the place itself has it
   */
  scrolled(top: number, most: number): void {
    if (!this.moved) this.#leave();
    this.scrollTop.value = top;
    this.following.value = this.live.value && top >= most - rowPx;
  }

  showTime(atMs: number): void {
    this.scrollTo(this.layout.value.scale.yOf(atMs) - this.size.value.height / 2);
  }

  /** Moves as little as needed, and so that what is around is seen as well. */
  showRow(row: number): void {
    const y = this.layout.value.rows[row]?.y;
    if (y === undefined) return;
    const { height } = this.size.value;
    const room = Math.min(3 * rowPx, height / 4);
    if (y < this.scrollTop.value + room) this.scrollTo(y - room);
    else if (y + rowPx > this.scrollTop.value + height - room) this.scrollTo(y + rowPx + room - height);
  }

  /** Index of the chosen item; -1 for none. */
  get selectedIndex(): number {
    const key = this.selected.value;
    return key === undefined ? -1 : this.model.value.items.findIndex((item) => item.key === key);
  }

  /** Its place has another size now: what is chosen stays in sight. */
  resize(width: number, height: number): void {
    this.size.value = { width, height };
    const index = this.selectedIndex;
    if (index >= 0) this.showRow(this.layout.value.rowOf[index] ?? -1);
  }

  choose(key: string | undefined): void {
    this.#leave();
    this.selected.value = key;
    const index = this.selectedIndex;
    if (index >= 0) this.showRow(this.layout.value.rowOf[index] ?? -1);
  }

  /** Chooses the item that many rows on. */
  step(rows: number): void {
    const { layout } = this;
    const index = this.selectedIndex;
    const { rowOf, rows: all, model } = layout.value;
    const start = index >= 0 ? (rowOf[index] ?? 0) : rows > 0 ? this.#firstSeen() - 1 : this.#firstSeen() + 1;
    const row = all[Math.min(all.length - 1, Math.max(0, start + rows))];
    if (row) this.choose(model.items[row.first]?.key);
  }

  #firstSeen(): number {
    const { rows } = this.layout.value;
    const found = rows.findIndex(({ y }) => y >= this.scrollTop.value);
    return Math.max(0, found);
  }

  /** Moves the cursor, and shows where it is. */
  moveCursor(atMs: number): void {
    this.#leave();
    const { startMs } = this.model.value;
    this.cursorMs.value = Math.min(this.endMs.value, Math.max(startMs, atMs));
    const y = this.layout.value.scale.yOf(this.cursorMs.value) - this.scrollTop.value;
    if (y < 20 || y > this.size.value.height - 20) this.showTime(this.cursorMs.value);
  }

  /** The item nearest to the cursor. */
  chooseAtCursor(): void {
    if (this.cursorMs.value === undefined) return;
    this.choose(this.model.value.items[itemNear(this.model.value.items, this.cursorMs.value)]?.key);
  }
}
