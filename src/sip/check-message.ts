import { parseCSeq } from "./cseq.ts";
import { splitList } from "./list.ts";
import type { SipMessage, SipRequest } from "./message.ts";
import { parseNameAddr } from "./name-addr.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import { parseUri, uriScheme } from "./uri.ts";
import { parseVia } from "./via.ts";

/** Something wrong with a message, and how a request is answered for it. */
export interface Problem {
  readonly status: number;
  readonly what: string;
  /** The place of the header field among all. */
  readonly field?: number;
}

const once = ["from", "to", "call-id", "cseq", "max-forwards"] as const;

/** Everything that is wrong with a message (RFC 3261 §8.1.1, §8.2, §16.3), the gravest first. */
export function checkMessage(message: SipMessage): Problem[] {
  const problems: Problem[] = [];
  const bad = (what: string, status = 400) => problems.push({ status, what });
  const { headers } = message;
  if (message.kind === "request") checkRequestLine(message, bad);
  for (const name of once) {
    const values = headers.all(name);
    if (values.length > 1) bad(`${name} stands more than once`);
    else if (values.length === 0 && name !== "max-forwards") bad(`${name} is missing`);
  }
  for (const name of ["from", "to"] as const) {
    const value = headers.get(name);
    if (value !== undefined && !parseNameAddr(value)) bad(`${name} cannot be read`);
  }
  const cseqText = headers.get("cseq");
  const cseq = cseqText === undefined ? undefined : parseCSeq(cseqText);
  if (cseqText !== undefined && !cseq) bad("CSeq cannot be read");
  else if (cseq && message.kind === "request" && cseq.method !== message.method)
    bad(`CSeq is of ${cseq.method}, not of ${message.method}`);
  const vias = headers.all("via");
  const top = splitList(vias[0] ?? "")[0];
  if (top === undefined) bad("Via is missing");
  else if (!parseVia(top)) bad("Via cannot be read");
  const hops = headers.get("max-forwards");
  if (hops !== undefined && !(/^\d+$/.test(hops) && Number(hops) <= 255)) bad("Max-Forwards is not 0 to 255");
  const lengths = headers.all("content-length");
  const [length] = lengths;
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) bad("Content-Length is no number");
    else if (lengths.some((other) => Number(other) !== Number(length)))
      bad("there are several Content-Lengths");
    else if (Number(length) > message.body.length)
      bad(`the body has ${Number(length) - message.body.length} bytes less than Content-Length says`);
  }
  return problems;
}

function checkRequestLine({ uri, version }: SipRequest, bad: (what: string, status?: number) => void): void {
  if (/\s/.test(version) || /\s/.test(uri)) bad("white space in the request line");
  else if (version !== "2.0") bad(`SIP version ${version}`, 505);
  else {
    const scheme = uriScheme(uri);
    if (scheme === undefined) bad("the Request-URI cannot be read");
    else if (!["sip", "sips", "tel"].includes(scheme)) bad(`the scheme ${scheme} is not known`, 416);
    else if (!parseUri(uri)) bad("the Request-URI cannot be read");
  }
}

/** What a malformed request must be answered with; undefined when nothing is wrong with it. */
export function requestVerdict(request: SipRequest): { status: number; reason: string } | undefined {
  const [problem] = checkMessage(request);
  if (!problem) return undefined;
  const { status, what } = problem;
  return { status, reason: status === 400 ? `Bad Request (${what})` : reasonPhrase(status) };
}
