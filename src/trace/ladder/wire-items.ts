import type { RtpRecord, SipRecord } from "../records.ts";
import type { LadderTone } from "./ladder-item.ts";
import type { LadderDraft } from "./ladder-model.ts";
import { figuresText, soundTone } from "./words.ts";

function sipTone({ status, again }: SipRecord): LadderTone {
  if (again) return "warn";
  // 401 and 407 ask for a password, 487 answers a CANCEL: all is well.
  if (status === undefined || status < 300 || status === 401 || status === 407 || status === 487)
    return "wire";
  return status < 400 ? "warn" : "bad";
}

/** `INVITE`, or `200 OK` with the method it answers. */
function sipLabel({ status, line, method }: SipRecord): string {
  if (status === undefined) return method;
  return `${line.replace(/^SIP\/2\.0\s+/i, "")} (${method})`;
}

export function addSip(draft: LadderDraft, entry: number, key: string, record: SipRecord): void {
  const { direction, again, atMs } = record;
  const sdp = /^content-type\s*:\s*application\/sdp/im.test(record.text) ? "SDP" : "";
  draft.items.push({
    kind: "sip",
    lane: "wire",
    key,
    entry,
    atMs,
    label: sipLabel(record) + (again ? " again" : ""),
    more: sdp,
    tone: sipTone(record),
    party: draft.party(record.remote),
    direction,
    again,
  });
}

/** An RTP session has a row where it opens and closes, and one for each key; reports colour its bar. */
export function addRtp(draft: LadderDraft, entry: number, key: string, record: RtpRecord): void {
  const { atMs, phase, id, received } = record;
  const name = `${draft.sourceOf(entry)}/rtp/${id}`;
  const begin = {
    key,
    kind: "rtp",
    lane: "wire",
    label: `RTP ${record.format}`,
    more: record.remote,
    tone: "wire",
    entry,
    atMs,
    party: draft.partyAt(record.remote),
  } as const;
  if (phase === "open") {
    const span = draft.open(name, begin);
    draft.items.push({ ...begin, phase: "begin", span });
    return;
  }
  const span = draft.spanNamed(name) ?? draft.unbegun(name, begin);
  if (phase === "key") {
    const text = record.key ?? "?";
    const label = record.direction === "out" ? `key ${text} sent` : `key ${text}`;
    draft.items.push({
      ...begin,
      label,
      more: "RFC 4733",
      tone: "key",
      phase: "moment",
      span,
      mark: { kind: "key", text },
    });
    return;
  }
  draft.part(span, atMs, soundTone(received, draft.heardBefore(span, received)));
  if (phase === "report") return;
  draft.close(name, entry, atMs);
  const more = received ? figuresText(received) : "";
  draft.items.push({ ...begin, label: "RTP closed", more, tone: "wire", phase: "end", span });
}
