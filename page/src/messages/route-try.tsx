import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { RouteResult } from "../../../src/console/protocol.ts";
import type { Pairs } from "../../../src/trace/index.ts";
import { connection, hello } from "../console.ts";
import { HandlerSteps } from "../ladder/detail/handler-steps.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ParamRows } from "./param-rows.tsx";
import { routeSentence } from "./route-sentence.ts";

/** "Who would take 123?": asks the engine to route a number, and nothing is called. */
export function RouteTry({ onClose }: { readonly onClose: () => void }): VNode {
  const called = useSignal(hello.value?.targets[0] ?? "");
  const caller = useSignal("");
  const more = useSignal<Pairs>([]);
  const found = useSignal<{ readonly called: string; readonly result: RouteResult } | undefined>(undefined);
  const problem = useSignal("");
  const route = hello.value?.catalogue.find(({ name }) => name === "call.route");
  const ask = async (): Promise<void> => {
    problem.value = "";
    const number = called.value.trim();
    try {
      const result = await connection.ask("route.try", {
        called: number,
        ...(caller.value ? { caller: caller.value } : {}),
        more: more.value.filter(([name]) => name !== ""),
      });
      found.value = { called: number, result };
    } catch (error) {
      found.value = undefined;
      problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  const sentence = found.value && routeSentence(found.value.called, found.value.result);
  return (
    <Dialog title="Who would take a call?" onClose={onClose} class="send">
      <form
        class="send-form"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <div class="route-fields">
          <label class="field">
            <span>Number called</span>
            <input
              class="input mono"
              value={called.value}
              list="route-targets"
              autocomplete="off"
              onInput={({ currentTarget }) => {
                called.value = currentTarget.value;
              }}
            />
            <datalist id="route-targets">
              {hello.value?.targets.map((target) => (
                <option key={target} value={target} />
              ))}
            </datalist>
          </label>
          <label class="field">
            <span>Caller</span>
            <input
              class="input mono"
              value={caller.value}
              placeholder="nobody in particular"
              autocomplete="off"
              onInput={({ currentTarget }) => {
                caller.value = currentTarget.value;
              }}
            />
          </label>
          <button type="submit" class="button primary" disabled={called.value.trim() === ""}>
            Ask
          </button>
        </div>
        <ParamRows
          params={more.value}
          onChange={(params) => {
            more.value = params;
          }}
          known={(route?.params ?? []).map(({ name, about }) => ({ value: name, about }))}
          valuesOf={() => []}
        />
        <p class="dim">
          <code>call.preroute</code> and <code>call.route</code> are dispatched, and nothing is called.
        </p>
      </form>
      <div role="status">
        {problem.value && (
          <p>
            <span class="badge bad">failed</span> {problem.value}
          </p>
        )}
        {sentence && <p class={`route-sentence ${sentence.good ? "good" : "warn"}`}>{sentence.text}</p>}
        {found.value?.result.messages.map((message) => (
          <section key={message.seq} class="route-message record-detail" aria-label={message.name}>
            <h3>
              <code>{message.name}</code> {message.handled ? "handled" : "not handled"}
              {message.retvalue && (
                <>
                  , returned <code>{message.retvalue}</code>
                </>
              )}
            </h3>
            <HandlerSteps record={message} />
          </section>
        ))}
      </div>
    </Dialog>
  );
}
