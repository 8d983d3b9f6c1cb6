import type { LadderState } from "./ladder-state.ts";

/** What else than the ladder itself keys reach. */
export interface LadderActions {
  readonly play: () => void;
  readonly close: () => void;
}

/** @returns whether the key was for the ladder */
export function pressLadderKey(state: LadderState, event: KeyboardEvent, actions: LadderActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const action = keys[event.key];
  if (!action) return false;
  action(state, event.shiftKey ? 10 : 1, actions);
  return true;
}

type Action = (state: LadderState, times: number, actions: LadderActions) => void;

const down: Action = (state, times) => state.step(times);
const up: Action = (state, times) => state.step(-times);
const page = (state: LadderState): number => Math.max(1, Math.floor(state.size.value.height / 22) - 2);
const cursor =
  (way: number): Action =>
  (state, times) => {
    const { scale } = state.layout.value;
    const from = state.cursorMs.value ?? scale.timeAt(state.scrollTop.value + 40);
    // A hundredth of what is seen, but never less than a packet of sound.
    const { height } = state.size.value;
    const seen = scale.timeAt(state.scrollTop.value + height) - scale.timeAt(state.scrollTop.value);
    state.moveCursor(from + way * times * Math.max(20, seen / 100));
  };

const keys: Readonly<Record<string, Action>> = {
  ArrowDown: down,
  j: down,
  J: down,
  ArrowUp: up,
  k: up,
  K: up,
  PageDown: (state) => state.step(page(state)),
  PageUp: (state) => state.step(-page(state)),
  Home: (state) => state.step(-1e9),
  End: (state) => {
    state.step(1e9);
    state.scrollTo(1e9);
  },
  ArrowLeft: cursor(-1),
  h: cursor(-1),
  ArrowRight: cursor(1),
  l: cursor(1),
  Enter: (state) => {
    const row = state.layout.value.rowOf[state.selectedIndex];
    if (row !== undefined && (state.layout.value.rows[row]?.count ?? 0) > 1) state.openGroup(row);
    else if (state.selectedIndex < 0) state.chooseAtCursor();
    document.querySelector<HTMLElement>(".record-detail")?.focus();
  },
  Escape: (_state, _times, { close }) => close(),
  "+": (state) => state.zoomAt(1.5),
  "=": (state) => state.zoomAt(1.5),
  "-": (state) => state.zoomAt(1 / 1.5),
  "0": (state) => state.unzoom(),
  f: (state) => state.fit(),
  " ": (_state, _times, { play }) => play(),
};
