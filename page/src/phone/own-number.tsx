import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { attempt, connection, notify, phone } from "../console.ts";

/** The phone's own number: calls to it ring here. Another one is typed in its place. */
export function OwnNumber(): VNode | null {
  const { number } = phone.value;
  const draft = useSignal<string | undefined>(undefined);
  const take = async (): Promise<void> => {
    const wanted = draft.value?.trim();
    draft.value = undefined;
    if (!wanted || wanted === number) return;
    const taken = await attempt(connection.ask("phone.number", { number: wanted }));
    if (taken?.note) notify("warn", taken.note);
  };
  if (!number) return null;
  return (
    <form
      class="own-number"
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
    >
      <label>
        <span class="dim">This phone is</span>
        <input
          class="input"
          size={Math.max(6, (draft.value ?? number).length + 1)}
          value={draft.value ?? number}
          spellcheck={false}
          autocomplete="off"
          aria-label="number of this phone"
          title="Calls to this number ring here. Type another one."
          onInput={({ currentTarget }) => {
            draft.value = currentTarget.value;
          }}
          onBlur={() => void take()}
        />
      </label>
    </form>
  );
}
