import type { VNode } from "preact";
import type { OperationRecord } from "../../../src/trace/index.ts";
import { calls } from "../console.ts";
import { Panel } from "../engine/panel.tsx";
import { nowMs } from "../parts/now.ts";
import { agoWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { operationsByCall } from "./operations-by-call.ts";
import { Place } from "./place.tsx";

/** What the app does on each of its calls now. */
export function Operations({ operations }: { readonly operations: readonly OperationRecord[] }): VNode {
  const groups = operationsByCall(operations, calls.value.values());
  return (
    <Panel title="Calls in the app" count={groups.length}>
      {groups.length === 0 ? (
        <p class="dim nothing">it does nothing on any call</p>
      ) : (
        <table class="table operations">
          <thead>
            <tr>
              <th scope="col">Does</th>
              <th scope="col">At</th>
              <th scope="col" class="numbers">
                For
              </th>
            </tr>
          </thead>
          {groups.map(({ channel, call, operations: open }) => (
            <tbody key={call?.id ?? channel}>
              <tr class="group">
                <th scope="rowgroup" colSpan={3}>
                  {call ? (
                    <a href={linkTo("calls", call.id)}>
                      {call.from || "?"} → {call.to || "?"}
                    </a>
                  ) : (
                    "call not known"
                  )}{" "}
                  <code class="dim">{channel}</code>
                </th>
              </tr>
              {open.map(({ id, what, detail, place, atMs }) => (
                <tr key={id}>
                  <td>
                    <strong>{what}</strong> {detail && <code>{detail}</code>}
                  </td>
                  <td class="at">
                    <Place place={place} />
                  </td>
                  <td class="numbers">{agoWords(atMs, nowMs.value)}</td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      )}
    </Panel>
  );
}
