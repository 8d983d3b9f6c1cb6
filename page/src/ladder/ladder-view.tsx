import type { ComponentChildren, VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { CallView, EngineFacts } from "../../../src/console/protocol.ts";
import type { SourcedRecord } from "../../../src/trace/index.ts";
import { ladderLanes } from "../../../src/trace/ladder/index.ts";
import { classNames } from "../parts/class-names.ts";
import { Icon } from "../parts/icon.tsx";
import { useShortcuts } from "../parts/shortcuts.ts";
import { Split } from "../parts/split.tsx";
import type { CallSound } from "./call-sound.ts";
import { DetailPanel } from "./detail/detail-panel.tsx";
import { LadderCanvas } from "./ladder-canvas.tsx";
import { laneNotices, untold } from "./ladder-notices.ts";
import { LadderState } from "./ladder-state.ts";
import { Overview } from "./overview.tsx";
import { saveSvg } from "./save-svg.ts";
import { SoundPlayer } from "./sound-player.ts";

const laneWords = { wire: "Wire", engine: "Engine", app: "App" } as const;

/** From when on a live call of which no app has told has none. */
const tellMs = 6000;

/** One call on one time line. */
export function LadderView(props: {
  readonly call: CallView;
  readonly records: readonly SourcedRecord[];
  readonly kind: EngineFacts["kind"] | "file";
  readonly sound: CallSound | undefined;
  /** The detail stands beside the ladder, not below. */
  readonly wide: boolean;
  /** More buttons of the bar. */
  readonly children?: ComponentChildren;
}): VNode {
  const { call, records, kind, sound, wide } = props;
  // Another call is another ladder; nothing of the one before stays.
  const state = useMemo(() => new LadderState(), [call.id]);
  const [player] = useState(() => new SoundPlayer());
  useEffect(() => () => player.close(), [player]);
  useEffect(() => player.stop(), [player, call.id]);
  // Not while rendering: those who look at these signals would render again at once.
  useEffect(() => {
    state.take(records, call.state !== "ended" && kind !== "file", sound?.peaks);
  }, [state, records, call.state, kind, sound]);

  const play = (): void => {
    if (player.playing.value) player.stop();
    else if (sound) {
      const { startMs, endMs } = { startMs: state.model.value.startMs, endMs: state.endMs.value };
      const from = state.cursorMs.value ?? startMs;
      player.play(sound, from >= endMs - 50 ? startMs : from, (atMs) => state.moveCursor(atMs));
    }
  };
  const close = (): void => {
    state.selected.value = undefined;
    state.cursorMs.value = undefined;
  };
  const model = state.model.value;
  const gap = untold(model);
  const appTold = model.items.some(({ lane }) => lane === "app");
  const appMayTell = state.live.value && !appTold && state.endMs.value - model.startMs < tellMs;
  const notices = laneNotices(model, kind, appMayTell);
  // The ladder takes these keys itself while it has the focus; so they work without it too, and are in the sheet.
  useShortcuts([
    { keys: "+", what: "ladder: nearer", group: "In a view", run: () => state.zoomAt(1.5) },
    { keys: "-", what: "ladder: farther", group: "In a view", run: () => state.zoomAt(1 / 1.5) },
    { keys: "f", what: "ladder: all at once", group: "In a view", run: () => state.fit() },
  ]);

  const selected = state.selected.value;
  const ladder = (
    <div class="ladder-side">
      {/* With the detail below, rows need the height more. */}
      {(wide || selected === undefined) && <Overview state={state} />}
      <LadderCanvas state={state} notices={notices} actions={{ play, close }} />
    </div>
  );
  return (
    <div class="ladder-view">
      <div class="bar ladder-bar" role="toolbar" aria-label="ladder">
        <div class="lanes">
          {ladderLanes.map((lane) => (
            <button
              key={lane}
              type="button"
              class={classNames("button small lane", lane)}
              aria-pressed={!state.folded.value.has(lane)}
              onClick={() => state.fold(lane)}
            >
              {laneWords[lane]}
            </button>
          ))}
        </div>
        <div class="zoom">
          <button
            type="button"
            class="button small icon plain"
            data-tip="Farther (−)"
            aria-label="farther"
            onClick={() => state.zoomAt(1 / 1.5)}
          >
            <Icon name="minus" />
          </button>
          <button
            type="button"
            class="button small plain"
            data-tip="All at once (F); 0: each record its line"
            onClick={() => state.fit()}
          >
            Fit
          </button>
          <button
            type="button"
            class="button small icon plain"
            data-tip="Nearer (+)"
            aria-label="nearer"
            onClick={() => state.zoomAt(1.5)}
          >
            <Icon name="plus" />
          </button>
        </div>
        <button
          type="button"
          class="button small plain"
          aria-pressed={state.all}
          data-tip="Also each of those that nobody took and that say nothing new"
          onClick={() => state.toggleAll()}
        >
          All messages
        </button>
        {sound && (
          <button
            type="button"
            class="button small"
            aria-pressed={player.playing.value}
            data-tip="From the cursor (space); said is left, heard right"
            onClick={play}
          >
            <Icon name={player.playing.value ? "pause" : "play"} />
            {player.playing.value ? "Stop" : "Play"}
          </button>
        )}
        {state.live.value && (
          <button
            type="button"
            class="button small"
            aria-pressed={state.following.value}
            data-tip="Stay at the end"
            onClick={() => state.scrollTo(1e9)}
          >
            <Icon name="down" />
            Follow
          </button>
        )}
        <span class="spread" />
        {props.children}
        <button
          type="button"
          class="button small plain"
          data-tip="The ladder as a picture (SVG)"
          data-tip-side="left"
          onClick={() => saveSvg(call, state, kind)}
        >
          <Icon name="download" />
          SVG
        </button>
      </div>
      {gap && (
        <p class="ladder-note">
          <Icon name="info" /> {gap}
        </p>
      )}
      <Split
        name={wide ? "ladder-row" : "ladder-column"}
        way={wide ? "row" : "column"}
        label="ladder and detail"
        start={wide ? 62 : 58}
        leastPx={150}
        first={ladder}
        second={
          selected !== undefined && (
            <DetailPanel
              model={model}
              selected={selected}
              endMs={state.endMs.value}
              onChoose={(key) => state.choose(key)}
              onClose={close}
            />
          )
        }
      />
    </div>
  );
}
