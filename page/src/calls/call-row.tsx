import type { VNode } from "preact";
import type { CallView } from "../../../src/console/protocol.ts";
import { classNames } from "../parts/class-names.ts";
import { Icon } from "../parts/icon.tsx";
import { nowMs } from "../parts/now.ts";
import { clockWords } from "../parts/time-words.ts";
import { callLength, callLook } from "./call-words.ts";

/** A call in two lines: who, and how it is. */
export function CallRow({ call, file }: { readonly call: CallView; readonly file: boolean }): VNode {
  const look = callLook(call);
  return (
    <div class="call-row">
      <span class={classNames("call-icon", look.tone, call.state === "ringing" && "beating")}>
        <Icon name={look.icon} />
      </span>
      <span class="call-who cut">
        <strong>{call.from || "unknown"}</strong>
        <span class="dim"> → </span>
        <strong>{call.to || "?"}</strong>
      </span>
      <Length call={call} />
      <span class="call-how cut">
        <span class={classNames("call-state", look.tone)}>{look.word}</span>
        {file && <span class="badge info">file</span>}
        {call.line !== undefined && <span class="badge accent">line {call.line}</span>}
        {call.keys !== "" && (
          <span class="badge key" title={`keys ${call.keys}`}>
            {call.keys.length > 8 ? `${call.keys.slice(0, 7)}…` : call.keys}
          </span>
        )}
        {call.hasSound && (
          <span class="call-sound" title="its sound was kept">
            <Icon name="wave" />
          </span>
        )}
        {call.errors > 0 && (
          <span class="badge bad">
            {call.errors} {call.errors === 1 ? "error" : "errors"}
          </span>
        )}
      </span>
      <span class="call-when dim numbers">{clockWords(call.startedMs)}</span>
    </div>
  );
}

/** By itself, so that a second of a hundred calls renders a hundred spans and no more. */
function Length({ call }: { readonly call: CallView }): VNode {
  const now = call.state === "ended" ? 0 : nowMs.value;
  return (
    <span class={classNames("call-length numbers", call.state !== "ended" && "live")}>
      {callLength(call, now)}
    </span>
  );
}
