import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { ConnectionEntry } from "../../../src/trace/index.ts";
import { traceData } from "../../../src/trace/trace-messages.ts";
import { attempt, connection, hello, notify } from "../console.ts";
import { nowMs } from "../parts/now.ts";
import { agoWords } from "../parts/time-words.ts";
import { Panel } from "./panel.tsx";

/** For how long a connection may be cut. */
const cutsMs = [500, 2000, 10_000] as const;

/** Connected apps with what they handle and watch. */
export function Connections(props: {
  readonly entries: readonly ConnectionEntry[];
  readonly foreign: boolean;
}): VNode {
  const { foreign } = props;
  const entries = props.entries.filter(isUsed);
  return (
    <Panel title="Connected apps" count={foreign ? undefined : entries.length}>
      {entries.length === 0 ? (
        <p class="dim nothing">
          {foreign ? "A YATE does not tell an external module who else is connected." : "none"}
        </p>
      ) : (
        <ul class="connections">
          {entries.map((entry) => (
            <li key={`${entry.name} ${entry.remote}`}>
              <Connection entry={entry} foreign={foreign} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** A program that holds an engine has a connection of its own to it, which it need not use. */
function isUsed({ way, handlers, watches, held }: ConnectionEntry): boolean {
  return way !== "in process" || handlers.length + watches.length + held > 0;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function Connection({
  entry,
  foreign,
}: {
  readonly entry: ConnectionEntry;
  readonly foreign: boolean;
}): VNode {
  const { name, way, remote, sinceMs, handlers, watches, held } = entry;
  const ms = useSignal<number>(2000);
  const cut = async (): Promise<void> => {
    const done = await attempt(connection.ask("phone.cut", { what: name, ms: ms.value }));
    if (done !== undefined) notify("info", `${name} is cut off for ${ms.value / 1000} s`);
  };
  return (
    <details open={entry.handlers.length <= 12}>
      <summary>
        <strong class="mono">{name}</strong>
        {watches.includes(traceData) && <span class="badge info">a console</span>}
        <span class="dim cut">
          {way}
          {remote && ` ${remote}`}, for {agoWords(sinceMs, nowMs.value)}
        </span>
        <span class="dim">
          {foreign && handlers.length + watches.length === 0
            ? "what it handles is not told"
            : `${counted(handlers.length, "handler")}, ${counted(watches.length, "watch", "watches")}`}
        </span>
        {held > 0 && (
          <span class="badge warn" title="messages that it has been given and has not answered yet">
            holds {held}
          </span>
        )}
      </summary>
      <div class="connection-body">
        {handlers.length > 0 && (
          <table class="table">
            <thead>
              <tr>
                <th scope="col" class="numbers">
                  Priority
                </th>
                <th scope="col">Handles</th>
                <th scope="col">Only if</th>
              </tr>
            </thead>
            <tbody>
              {handlers.map(({ name: message, priority, filter }, index) => (
                <tr key={index}>
                  <td class="numbers">{priority}</td>
                  <td class="mono">{message || "everything"}</td>
                  <td class="mono">{filter}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {watches.length > 0 && (
          <p>
            <span class="dim">Watches</span>{" "}
            {watches.map((watch) => (
              <code key={watch} class="watch">
                {watch || "everything"}
              </code>
            ))}
          </p>
        )}
        {!foreign && (
          <p class="cut-off">
            <button
              type="button"
              class="button small"
              disabled={hello.value?.viewOnly}
              title="breaks its connection, to see what becomes of its calls"
              onClick={cut}
            >
              Cut it off
            </button>
            <label>
              <span class="dim">for </span>
              <select
                class="select"
                aria-label="how long"
                value={ms.value}
                onChange={({ currentTarget }) => {
                  ms.value = Number(currentTarget.value);
                }}
              >
                {cutsMs.map((choice) => (
                  <option key={choice} value={choice}>
                    {choice / 1000} s
                  </option>
                ))}
              </select>
            </label>
          </p>
        )}
      </div>
    </details>
  );
}
