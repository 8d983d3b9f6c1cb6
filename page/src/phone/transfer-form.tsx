import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { attempt, connection, notify, phone } from "../console.ts";

/** Where a call is to go: to another line of this phone (both talk, this phone leaves), or to a number. */
export function TransferForm(props: { readonly line: number; readonly onDone: () => void }): VNode {
  const to = useSignal("");
  const busy = useSignal(false);
  const others = phone.value.lines.filter(({ line, state }) => line !== props.line && state === "answered");
  const transfer = async (target: string | number): Promise<void> => {
    busy.value = true;
    const done = await attempt(connection.ask("phone.transfer", { line: props.line, to: target }));
    busy.value = false;
    if (!done) return;
    notify(done.outcome === "transferred" ? "info" : "warn", done.outcome);
    props.onDone();
  };
  return (
    <form
      class="transfer"
      onSubmit={(event) => {
        event.preventDefault();
        if (to.value.trim()) void transfer(to.value.trim());
      }}
    >
      {others.map(({ line, other, otherName }) => (
        <button
          key={line}
          type="button"
          class="button"
          disabled={busy.value}
          onClick={() => void transfer(line)}
        >
          <span class="cut">
            Connect with {otherName || other} (line {line})
          </span>
        </button>
      ))}
      <div class="transfer-to">
        <input
          autofocus
          class="input"
          aria-label="transfer to"
          placeholder="to this number, unasked"
          autocomplete="off"
          spellcheck={false}
          value={to.value}
          onInput={({ currentTarget }) => {
            to.value = currentTarget.value;
          }}
          onKeyDown={({ key }) => {
            if (key === "Escape") props.onDone();
          }}
        />
        <button type="submit" class="button" disabled={busy.value || !to.value.trim()}>
          {busy.value ? "…" : "Transfer"}
        </button>
      </div>
      {others.length === 0 && (
        <p class="dim">To ask first: call them on another line, then connect the two here.</p>
      )}
    </form>
  );
}
