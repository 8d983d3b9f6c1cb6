import type { VNode } from "preact";
import type { ChannelEntry } from "../../../src/trace/index.ts";
import { calls } from "../console.ts";
import { callOfChannel } from "../messages/call-of.ts";
import { nowMs } from "../parts/now.ts";
import { lengthWords } from "../parts/time-words.ts";
import { linkTo } from "../route.ts";
import { Panel } from "./panel.tsx";

export function Channels(props: {
  readonly entries: readonly ChannelEntry[];
  readonly count?: number | undefined;
}): VNode {
  const { entries, count = entries.length } = props;
  const addresses = entries.some(({ address }) => address !== "");
  return (
    <Panel title="Channels" count={count}>
      {entries.length === 0 ? (
        <p class="dim nothing">none just now</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Channel</th>
              <th scope="col">State</th>
              <th scope="col">Way</th>
              <th scope="col">Peer</th>
              {addresses && <th scope="col">Address</th>}
              <th scope="col" class="numbers">
                Since
              </th>
              <th scope="col">Call</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ id, status, direction, peer, address, billId, sinceMs }) => {
              const call = calls.value.get(billId) ?? callOfChannel(id, calls.value.values());
              return (
                <tr key={id}>
                  <td class="mono">{id}</td>
                  <td>
                    <span
                      class={`badge ${status === "answered" ? "good" : status === "ringing" ? "warn" : ""}`}
                    >
                      {status || "unknown"}
                    </span>
                  </td>
                  <td>{direction}</td>
                  <td class="mono">{peer}</td>
                  {addresses && <td class="mono">{address}</td>}
                  <td class="numbers">{sinceMs > 0 ? lengthWords(nowMs.value - sinceMs) : ""}</td>
                  <td>{call && <a href={linkTo("calls", call.id)}>show</a>}</td>
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
