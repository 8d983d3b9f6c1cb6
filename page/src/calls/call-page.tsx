import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { CallView, EngineFacts } from "../../../src/console/protocol.ts";
import type { SourcedRecord } from "../../../src/trace/index.ts";
import type { JournalSound } from "../../../src/trace/journal.ts";
import { attempt, calls, connection, hello } from "../console.ts";
import { LadderView } from "../ladder/ladder-view.tsx";
import { saveFile } from "../ladder/save-file.ts";
import { classNames } from "../parts/class-names.ts";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { nowMs } from "../parts/now.ts";
import { clockWords } from "../parts/time-words.ts";
import { goTo } from "../route.ts";
import { callLength, callLook } from "./call-words.ts";
import { useCall } from "./followed-call.ts";
import { useSound } from "./kept-sound.ts";
import { namedCall } from "./named-call.ts";
import { closeJournal, journals } from "./opened-journals.ts";

/** From this width on the detail is beside the ladder. */
const widePx = 860;

/** One call: who and how, and its ladder. */
export function CallPage({
  name,
  wholeView,
  onWholeView,
}: {
  /** The call's, or one of its channels'. */
  readonly name: string;
  readonly wholeView: boolean;
  readonly onWholeView: () => void;
}): VNode {
  const opened = journals.value.get(name);
  const id = opened ? name : namedCall(name);
  const followed = useCall(opened ? undefined : id).value;
  const call = opened?.call ?? calls.value.get(id) ?? followed.call;
  if (!call)
    return (
      <div class="view">
        {followed.problem || (followed.asked && !followed.call) ? (
          <Empty icon="calls" title="This call is not kept any more">
            <p>{followed.problem}</p>
          </Empty>
        ) : (
          <Empty title="Looking …" />
        )}
      </div>
    );
  return (
    <div class="view call-page">
      <CallHead call={call} file={opened?.file} wholeView={wholeView} onWholeView={onWholeView} />
      {followed.cut && !opened && (
        <p class="ladder-note">
          <Icon name="info" /> The oldest records of this call were dropped for want of room.
        </p>
      )}
      <Body
        call={call}
        records={opened?.journal.records ?? followed.records}
        asked={opened !== undefined || followed.asked}
        kind={opened ? "file" : (hello.value?.engine.kind ?? "embedded")}
        ofFile={opened?.journal.sound}
      />
    </div>
  );
}

function Body(props: {
  readonly call: CallView;
  readonly records: readonly SourcedRecord[];
  readonly asked: boolean;
  readonly kind: EngineFacts["kind"] | "file";
  readonly ofFile: readonly JournalSound[] | undefined;
}): VNode {
  const { call, records, asked, kind, ofFile } = props;
  const channel = useSignal("");
  const channels = ofFile?.map((one) => one.channel) ?? call.channels;
  const chosen = channels.includes(channel.value) ? channel.value : (channels[0] ?? "");
  const sound = useSound(call, chosen, ofFile);
  const wide = useSignal(true);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => {
      wide.value = (entry?.contentRect.width ?? 0) >= widePx;
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="call-body" ref={box}>
      {records.length === 0 ? (
        <Empty icon="messages" title={asked ? "Nothing was recorded of this call" : "Looking …"}>
          {asked && call.state !== "ended" && <p>What happens from now on appears here.</p>}
        </Empty>
      ) : (
        <LadderView call={call} records={records} kind={kind} sound={sound.value} wide={wide.value}>
          {(sound.value?.errorMs ?? 0) > 100 && (
            <span class="dim" data-tip="The engine was too busy: pieces of the sound may be off by so much">
              sound ±{sound.value?.errorMs} ms
            </span>
          )}
          {call.hasSound && channels.length > 1 && (
            <label class="sound-of">
              <span class="hidden-words">sound of channel</span>
              <select
                class="select small-input"
                value={chosen}
                onChange={(event) => {
                  channel.value = event.currentTarget.value;
                }}
              >
                {channels.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
          )}
        </LadderView>
      )}
    </div>
  );
}

function CallHead(props: {
  readonly call: CallView;
  readonly file: string | undefined;
  readonly wholeView: boolean;
  readonly onWholeView: () => void;
}): VNode {
  const { call, file, wholeView, onWholeView } = props;
  const look = callLook(call);
  const live = call.state !== "ended" && file === undefined;
  const keeps = call.keepsSound ?? call.hasSound;
  return (
    <>
      <header class="bar call-head">
        <button
          type="button"
          class="button icon plain call-back"
          aria-label="back to the list"
          onClick={() => goTo("calls")}
        >
          <Icon name="left" />
        </button>
        <h1 class="cut">
          {call.from || "unknown"} <span class="dim">→</span> {call.to || "?"}
        </h1>
        <span class={classNames("badge", look.tone)}>
          <Icon name={look.icon} /> {look.word}
        </span>
        <span class="numbers call-facts cut dim">
          {clockWords(call.startedMs)} · {callLength(call, live ? nowMs.value : 0)}
          {call.keys && ` · keys ${call.keys}`}
        </span>
        <span class="spread" />
        {live && !hello.value?.viewOnly && (
          <button
            type="button"
            class="button small plain"
            aria-pressed={keeps}
            aria-label="Keep sound"
            data-tip={
              keeps ? "Its sound is being kept; press to stop" : "Keep what both sides say, from now on"
            }
            onClick={() => void attempt(connection.ask("sound.keep", { call: call.id, on: !keeps }))}
          >
            <Icon name="wave" />
            <span class="wide-only">Keep sound</span>
          </button>
        )}
        {file === undefined ? (
          <button
            type="button"
            class="button small plain"
            aria-label="Export"
            data-tip="Save this call as a file"
            data-tip-side="left"
            onClick={() => void exportCall(call.id)}
          >
            <Icon name="download" />
            <span class="wide-only">Export</span>
          </button>
        ) : null}
        <button
          type="button"
          class="button small icon plain whole-view"
          aria-pressed={wholeView}
          aria-label="hide the list of calls"
          data-tip={wholeView ? "Show the list" : "Hide the list"}
          data-tip-side="left"
          onClick={onWholeView}
        >
          <Icon name={wholeView ? "right" : "left"} />
        </button>
      </header>
      {file !== undefined && (
        <div class="file-banner" role="status">
          <Icon name="info" />
          <span class="cut">
            From the file <strong>{file}</strong>, made by a console; nothing of it is on this engine.
          </span>
          <span class="spread" />
          <button
            type="button"
            class="button small"
            onClick={() => {
              closeJournal(call.id);
              goTo("calls");
            }}
          >
            Close it
          </button>
        </div>
      )}
    </>
  );
}

async function exportCall(call: string): Promise<void> {
  const made = await attempt(connection.ask("call.export", { call }));
  if (!made) return;
  const bytes = Uint8Array.from(atob(made.file), (character) => character.charCodeAt(0));
  saveFile(made.name, "application/json", bytes);
}
