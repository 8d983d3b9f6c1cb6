import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { connection, hello } from "../console.ts";
import { copyText } from "../parts/copy-text.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { CompleteInput } from "./complete-input.tsx";
import { fittingChoices } from "./completion.ts";
import { composing, keepDraft } from "./compose.ts";
import { seenIn } from "./filter-words.ts";
import { latestRows } from "./message-store.ts";
import { sendableParams } from "./message-summary.ts";
import { ParamRows } from "./param-rows.tsx";
import { rememberSent, sentMessages } from "./send-history.ts";
import { SendResult, type Sent } from "./send-result.tsx";
import { type ComposedMessage, yaytsCode } from "./yayts-code.ts";

/** Shows itself when a message is to be composed, see `compose`. */
export function SendDialog(): VNode | null {
  const start = composing.value;
  return start ? <SendForm start={start} /> : null;
}

function SendForm({ start }: { readonly start: ComposedMessage }): VNode {
  const message = useSignal(start);
  const sent = useSignal<Sent | undefined>(undefined);
  const sending = useSignal(false);
  const history = useSignal(sentMessages(localStorage));
  const change = (more: Partial<ComposedMessage>): void => {
    message.value = { ...message.value, ...more };
  };
  const { name, params, retvalue, enqueue } = message.value;
  const catalogue = hello.value?.catalogue ?? [];
  const entry = catalogue.find((known) => known.name === name);
  const ready = name.trim() !== "" && !sending.value;

  const send = async (): Promise<void> => {
    if (!ready) return;
    const now: ComposedMessage = {
      ...message.value,
      name: name.trim(),
      params: params.filter(([key]) => key !== ""),
    };
    sending.value = true;
    try {
      const { name, params, retvalue, enqueue } = now;
      const result = await connection.ask("message.send", {
        name,
        params,
        ...(retvalue ? { retvalue } : {}),
        ...(enqueue ? { enqueue } : {}),
      });
      sent.value = { message: now, result, atMs: Date.now() };
    } catch (error) {
      sent.value = {
        message: now,
        problem: error instanceof Error ? error.message : String(error),
        atMs: Date.now(),
      };
    }
    sending.value = false;
    history.value = rememberSent(localStorage, now);
  };

  return (
    <Dialog
      title="Send a message"
      class="send"
      onClose={() => {
        keepDraft(message.value);
        composing.value = undefined;
      }}
    >
      <form
        class="send-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <div class="send-head">
          {/* biome-ignore lint/a11y/noLabelWithoutControl: the field inside has its own label */}
          <label class="field send-name">
            <span>Name</span>
            <CompleteInput
              label="name of the message"
              placeholder="chan.dtmf"
              value={name}
              onInput={(next) => change({ name: next })}
              complete={(text) => ({
                from: 0,
                to: text.length,
                choices: fittingChoices(
                  catalogue.map((known) => ({ value: known.name, about: known.about })),
                  text,
                ),
              })}
            />
          </label>
          {history.value.length > 0 && (
            <label class="field">
              <span>Sent before</span>
              <select
                class="select"
                onChange={({ currentTarget }) => {
                  const found = history.value[Number(currentTarget.value)];
                  if (found && currentTarget.value !== "") message.value = found;
                  currentTarget.value = "";
                }}
              >
                <option value="">choose…</option>
                {history.value.map((old, index) => (
                  <option key={index} value={index}>
                    {describe(old)}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        {entry?.about && <p class="send-about dim">{entry.about}</p>}
        <ParamRows
          params={params}
          onChange={(next) => change({ params: next })}
          known={(entry?.params ?? []).map((known) => ({ value: known.name, about: known.about }))}
          valuesOf={(key) => seenIn(latestRows()).params.get(key) ?? []}
        />
        {entry && (
          <Missing
            message={message.value}
            known={entry.params}
            onAdd={(key) => change({ params: [...params, [key, ""]] })}
          />
        )}
        {name.trim() === "call.route" && !params.some(([key, value]) => key === "id" && value !== "") && (
          <p class="send-hint" role="note">
            It has no <code>id</code>: apps that take calls leave it alone, for there is no channel that
            calls. To see who would take a number, use <em>Try a number</em>.
          </p>
        )}
        <div class="send-how">
          <label class="field">
            <span>Return value to begin with</span>
            <input
              class="input mono"
              value={retvalue}
              onInput={({ currentTarget }) => change({ retvalue: currentTarget.value })}
            />
          </label>
          <fieldset class="send-way">
            <legend class="dim">How</legend>
            {[false, true].map((way) => (
              <label key={String(way)} class="check">
                <input
                  type="radio"
                  name="way"
                  checked={enqueue === way}
                  onChange={() => change({ enqueue: way })}
                />
                {way ? "enqueue, no result" : "dispatch, wait for the result"}
              </label>
            ))}
          </fieldset>
        </div>
        <div class="send-buttons">
          <button type="submit" class="button primary" disabled={!ready}>
            <Icon name="send" />
            {sending.value ? "Sending…" : sent.value ? "Send again" : "Send"}
          </button>
          <button
            type="button"
            class="button"
            disabled={name.trim() === ""}
            onClick={() => copyText(yaytsCode(message.value), "copied as code of an app")}
          >
            <Icon name="copy" />
            Copy as yayts code
          </button>
        </div>
      </form>
      {sent.value && <SendResult sent={sent.value} />}
    </Dialog>
  );
}

/** Known parameters that are not there yet, a press away. */
function Missing(props: {
  readonly message: ComposedMessage;
  readonly known: readonly { readonly name: string; readonly about: string }[];
  readonly onAdd: (name: string) => void;
}): VNode | null {
  const missing = sendableParams(props.known)
    .filter(({ name }) => !props.message.params.some(([key]) => key === name))
    .slice(0, 12);
  if (missing.length === 0) return null;
  return (
    <fieldset class="chips">
      <legend class="hidden-words">known parameters</legend>
      {missing.map(({ name, about }) => (
        <button
          key={name}
          type="button"
          class="button small mono"
          title={about}
          onClick={() => props.onAdd(name)}
        >
          + {name}
        </button>
      ))}
    </fieldset>
  );
}

function describe({ name, params }: ComposedMessage): string {
  const text = `${name} ${params.map(([key, value]) => `${key}=${value}`).join(" ")}`;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
