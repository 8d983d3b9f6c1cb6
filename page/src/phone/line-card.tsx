import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { LineView } from "../../../src/console/protocol.ts";
import { classNames } from "../parts/class-names.ts";
import { Icon } from "../parts/icon.tsx";
import { nowMs } from "../parts/now.ts";
import { lengthWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { lineState, lineTone } from "./line-words.ts";
import { answer, dial, hangup, hold, select } from "./phone-state.ts";
import { muted } from "./sound/microphone.ts";
import { TransferForm } from "./transfer-form.tsx";
import { isBad, weatherWords } from "./weather-words.ts";

/** One line: who, how it stands, and what can be done with it. */
export function LineCard({ line, selected }: { readonly line: LineView; readonly selected: boolean }): VNode {
  const { state, direction, other, otherName } = line;
  const over = state === "ended";
  return (
    <li
      class={classNames(
        "line",
        over ? "over" : selected && "selected",
        state === "ringing" && direction === "incoming" && "ringing",
      )}
    >
      <div class="line-head">
        <span class="line-number numbers" title={`line ${line.line}`}>
          {line.line}
        </span>
        <div class="line-who">
          <strong class="cut">{otherName || other}</strong>
          {otherName && <span class="dim cut">{other}</span>}
        </div>
        <span class="line-time numbers">
          {line.answeredMs !== undefined && lengthWords((line.endedMs ?? nowMs.value) - line.answeredMs)}
        </span>
      </div>
      <div class="line-state">
        <span class={classNames("dot", lineTone(line), !over && state !== "answered" && "beating")} />
        <span role="status">{lineState(line, selected)}</span>
        {line.call && (
          <a
            class="line-link"
            href={linkTo("calls", line.call)}
            aria-label={`ladder: what happened in the call with ${other}`}
          >
            ladder
          </a>
        )}
        {over && (
          <button type="button" class="button small" onClick={() => void dial(other)}>
            {line.direction === "outgoing" ? "Again" : "Call back"}
          </button>
        )}
      </div>
      {!over && isBad(line.weather) && (
        <p class="line-weather">
          <Icon name="weather" /> {weatherWords(line.weather)}
        </p>
      )}
      {!over && <Actions line={line} selected={selected} />}
    </li>
  );
}

function Actions({ line, selected }: { readonly line: LineView; readonly selected: boolean }): VNode {
  const transfers = useSignal(false);
  const { state, held, direction, line: number } = line;
  if (direction === "incoming" && state === "ringing")
    return (
      <div class="line-actions">
        <button type="button" class="button primary" onClick={() => void answer(number)}>
          <Icon name="phone" /> Answer
        </button>
        <button type="button" class="button danger" onClick={() => void hangup(number)}>
          <Icon name="hangup" /> Reject
        </button>
      </div>
    );
  const talks = state === "answered";
  return (
    <>
      <div class="line-actions">
        {!selected ? (
          <button type="button" class="button" onClick={() => void select(number)}>
            <Icon name="play" /> Talk
          </button>
        ) : (
          talks && (
            <>
              <button
                type="button"
                class="button icon"
                aria-pressed={held}
                aria-label={held ? "go on" : "hold"}
                data-tip={held ? "Go on" : "Hold"}
                data-tip-side="right"
                onClick={() => void hold(line)}
              >
                <Icon name={held ? "play" : "hold"} />
              </button>
              <button
                type="button"
                class="button icon"
                aria-pressed={muted.value}
                aria-label="mute the microphone"
                data-tip="Mute"
                onClick={() => {
                  muted.value = !muted.value;
                }}
              >
                <Icon name={muted.value ? "mic-off" : "mic"} />
              </button>
              <button
                type="button"
                class="button icon"
                aria-pressed={transfers.value}
                aria-expanded={transfers.value}
                aria-label="transfer"
                data-tip="Transfer"
                onClick={() => {
                  transfers.value = !transfers.value;
                }}
              >
                <Icon name="transfer" />
              </button>
            </>
          )
        )}
        <span class="spread" />
        <button type="button" class="button danger" onClick={() => void hangup(number)}>
          <Icon name="hangup" /> {talks || state === "early" ? "Hang up" : "Cancel"}
        </button>
      </div>
      {transfers.value && talks && (
        <TransferForm
          line={number}
          onDone={() => {
            transfers.value = false;
          }}
        />
      )}
    </>
  );
}
