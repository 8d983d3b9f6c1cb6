import { type Signal, signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { WaitRecord } from "../../../src/trace/index.ts";
import { calls } from "../console.ts";
import { Panel } from "../engine/panel.tsx";
import { callOfChannel } from "../messages/call-of.ts";
import { Icon } from "../parts/icon.tsx";
import { nowMs } from "../parts/now.ts";
import { agoWords, clockWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { Place } from "./place.tsx";
import { arranged, type GroupOrder, type WaitGroup } from "./wait-groups.ts";

const order: Signal<GroupOrder> = signal("age");
const oldOnly: Signal<boolean> = signal(false);

const orders: readonly { readonly key: GroupOrder; readonly text: string }[] = [
  { key: "age", text: "oldest first" },
  { key: "count", text: "most first" },
  { key: "growth", text: "growing first" },
];

/** So many waits of a group are listed. */
const most = 100;

/** Open waits by the line that began them: one that is forgotten is old, one that leaks grows. */
export function Waits({
  groups,
  open,
}: {
  readonly groups: readonly WaitGroup[];
  readonly open: number;
}): VNode {
  const shown = arranged(groups, order.value, oldOnly.value ? 60_000 : 0, nowMs.value);
  const known = groups.reduce((sum, { waits }) => sum + waits.length, 0);
  return (
    <Panel
      title="Open waits"
      count={open}
      tools={
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={oldOnly.value}
              onChange={({ currentTarget }) => {
                oldOnly.value = currentTarget.checked;
              }}
            />
            older than 1 min
          </label>
          <select
            class="select"
            aria-label="order of waits"
            value={order.value}
            onChange={({ currentTarget }) => {
              order.value = orders.find(({ key }) => key === currentTarget.value)?.key ?? "age";
            }}
          >
            {orders.map(({ key, text }) => (
              <option key={key} value={key}>
                {text}
              </option>
            ))}
          </select>
        </>
      }
    >
      {shown.length === 0 ? (
        <p class="dim nothing">
          {oldOnly.value ? "nothing has waited for more than a minute" : "it waits for nothing"}
        </p>
      ) : (
        <table class="table waits">
          <thead>
            <tr>
              <th scope="col">Waits for</th>
              <th scope="col">At</th>
              <th scope="col" class="numbers">
                Open
              </th>
              <th scope="col" class="numbers">
                Oldest
              </th>
            </tr>
          </thead>
          {shown.map((group) => (
            <Group key={group.key} group={group} />
          ))}
        </table>
      )}
      {open > known && (
        <p class="dim nothing">
          The oldest {known} of {open} are listed.
        </p>
      )}
    </Panel>
  );
}

function Group({ group }: { readonly group: WaitGroup }): VNode {
  const open = useSignal(false);
  const { what, name, place, waits, oldestMs, grownBy } = group;
  return (
    <tbody>
      <tr>
        <td>
          <div class="toggle">
            <button
              type="button"
              class="button plain small icon"
              aria-expanded={open.value}
              aria-label={`each wait for ${name || "any message"}`}
              onClick={() => {
                open.value = !open.value;
              }}
            >
              <Icon name={open.value ? "down" : "right"} />
            </button>
            <span class="dim">{what}</span> <code>{name || "any message"}</code>
          </div>
        </td>
        <td class="at">
          <Place place={place} />
        </td>
        <td class="numbers">
          {grownBy > 0 && (
            <span
              class={`badge ${grownBy >= 10 ? "bad" : "warn"}`}
              title="more than a minute ago, or since this page was opened"
            >
              +{grownBy}
            </span>
          )}{" "}
          {waits.length}
        </td>
        <td class="numbers">{agoWords(oldestMs, nowMs.value)}</td>
      </tr>
      {open.value && waits.slice(0, most).map((wait) => <Single key={wait.id} wait={wait} />)}
      {open.value && waits.length > most && (
        <tr class="single">
          <td colSpan={4} class="dim">
            and {waits.length - most} younger ones
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Single({ wait }: { readonly wait: WaitRecord }): VNode {
  const call = wait.channel ? callOfChannel(wait.channel, calls.value.values()) : undefined;
  return (
    <tr class="single">
      <td colSpan={2} class="cut">
        {wait.guard ? <code>{wait.guard}</code> : <span class="dim">any</span>}
      </td>
      <td>{call && <a href={linkTo("calls", call.id)}>its call</a>}</td>
      <td class="numbers" title={clockWords(wait.atMs, true)}>
        {agoWords(wait.atMs, nowMs.value)}
      </td>
    </tr>
  );
}
