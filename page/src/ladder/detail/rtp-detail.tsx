import type { VNode } from "preact";
import type { RtpFigures, RtpRecord } from "../../../../src/trace/index.ts";
import { offsetText, soundTone } from "../../../../src/trace/ladder/index.ts";
import type { DetailProps } from "./detail-panel.tsx";

const rows: readonly (readonly [name: string, read: (figures: RtpFigures) => string | undefined])[] = [
  ["packets", ({ packets }) => packets.toLocaleString("en")],
  [
    "lost",
    ({ packets, lost }) =>
      `${lost.toLocaleString("en")} (${((100 * lost) / Math.max(1, packets + lost)).toFixed(1)} %)`,
  ],
  ["late", ({ late }) => late?.toLocaleString("en")],
  ["jitter", ({ jitterMs }) => (jitterMs === undefined ? undefined : `${jitterMs.toFixed(1)} ms`)],
  ["delay", ({ delayMs }) => (delayMs === undefined ? undefined : `${Math.round(delayMs)} ms`)],
  [
    "concealed",
    ({ concealedMs }) => (concealedMs === undefined ? undefined : `${Math.round(concealedMs)} ms`),
  ],
  ["MOS", ({ mos }) => mos?.toFixed(2)],
];

/** A session with the figures of its last report. */
export function RtpDetail({ record, model }: DetailProps & { readonly record: RtpRecord }): VNode {
  const all = model.records.flatMap((one) =>
    one.record.kind === "rtp" && one.record.id === record.id ? [one.record] : [],
  );
  const reports = all.filter(({ received, sent }) => received ?? sent);
  const shown = record.received || record.sent ? record : reports.at(-1);
  const keys = all.flatMap((one) =>
    one.phase === "key" ? [`${one.key ?? "?"}${one.direction === "out" ? " (sent)" : ""}`] : [],
  );
  return (
    <>
      <h2 class="detail-title">
        <code>RTP {record.format}</code>
        <span class={`badge ${record.phase === "key" ? "key" : "wire"}`}>
          {record.phase === "key" ? `key ${record.key ?? ""}` : record.phase}
        </span>
      </h2>
      <dl class="facts">
        <dt>with</dt>
        <dd>
          <code>{record.remote}</code>
        </dd>
        <dt>here</dt>
        <dd>
          <code>{record.local}</code>
        </dd>
        <dt>channel</dt>
        <dd>
          <code>{record.channel || "none"}</code>
        </dd>
        <dt>session</dt>
        <dd>
          <code>{record.id}</code>
        </dd>
        {keys.length > 0 && (
          <>
            <dt>keys</dt>
            <dd>{keys.join(" ")}</dd>
          </>
        )}
      </dl>
      <section class="detail-part">
        <h3>{shown ? `Figures at ${offsetText(shown.atMs - model.startMs)} s` : "Figures"}</h3>
        {shown ? (
          <table class="table figures">
            <thead>
              <tr>
                <th scope="col" />
                <th scope="col" class="numbers">
                  received
                </th>
                <th scope="col" class="numbers">
                  sent
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([name, read]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="numbers">{shown.received ? (read(shown.received) ?? "–") : "–"}</td>
                  <td class="numbers">{shown.sent ? (read(shown.sent) ?? "–") : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p class="dim">No report came yet.</p>
        )}
        {reports.length > 1 && (
          <p class="quality" role="img" aria-label={`${reports.length} reports`}>
            {reports.map((report, i) => (
              <span
                key={report.seq}
                class={soundTone(report.received, reports[i - 1]?.received)}
                title={`${offsetText(report.atMs - model.startMs)} s`}
              />
            ))}
          </p>
        )}
      </section>
    </>
  );
}
