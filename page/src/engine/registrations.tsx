import type { VNode } from "preact";
import type { RegistrationEntry } from "../../../src/trace/index.ts";
import { nowMs } from "../parts/now.ts";
import { lengthWords } from "../parts/time-words.ts";
import { Panel } from "./panel.tsx";

/** Phones that are registered here, and lines of ours that are registered elsewhere. */
export function Registrations(props: {
  readonly entries: readonly RegistrationEntry[];
  readonly count?: number | undefined;
}): VNode {
  const { entries, count = entries.length } = props;
  return (
    <Panel title="Registrations" count={count}>
      {entries.length === 0 ? (
        <p class="dim nothing">no phone is registered here, and no line elsewhere</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">State</th>
              <th scope="col" class="numbers">
                Runs out in
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ kind, name, where, status, untilMs }) => {
              const left = untilMs === undefined ? undefined : untilMs - nowMs.value;
              return (
                <tr key={`${kind} ${name} ${where}`}>
                  <td class="mono">{name}</td>
                  <td>{kind === "phone" ? "phone here" : "line elsewhere"}</td>
                  <td class="mono">{where}</td>
                  <td>{status}</td>
                  <td class="numbers">
                    {left === undefined ? (
                      ""
                    ) : left < 0 ? (
                      <span class="badge bad">ran out</span>
                    ) : (
                      <span class={left < 30_000 ? "badge warn" : ""}>{lengthWords(left)}</span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {count > entries.length && (
        <p class="dim nothing">
          The newest {entries.length} of {count} are listed.
        </p>
      )}
    </Panel>
  );
}
