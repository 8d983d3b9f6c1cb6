import { parseCSeq } from "./cseq.ts";
import { splitList } from "./list.ts";
import type { SipMessage, SipRequest, SipResponse } from "./message.ts";
import { nameAddrFlaw, parseNameAddr } from "./name-addr.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import { parseUri, uriScheme } from "./uri.ts";
import { parseVia } from "./via.ts";

/** Something wrong with a message, and how a request is answered for it. */
export interface Problem {
  readonly what: string;
  readonly status: number;
  /** The place of the header field among all; -1: the start line, or no field. */
  readonly field: number;
}

/** Methods of RFC 3261 and of the registry: the others are not known, whatever else is wrong (RFC 4475 §3.1.2.18). */
const methods: ReadonlySet<string> = new Set(
  "INVITE ACK BYE CANCEL REGISTER OPTIONS PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE".split(
    " ",
  ),
);

const required = ["From", "To", "Call-ID", "CSeq", "Via"] as const;

/** Everything wrong with a message that its receiver has to look at (RFC 3261 §8.1.1, §8.2.2, §16.3, §18.3). */
export function checkMessage(message: SipMessage): Problem[] {
  const problems: Problem[] = [];
  const bad = (what: string, field: number, status = 400) => void problems.push({ what, field, status });
  if (message.kind === "request") checkRequestLine(message, bad);
  const seen = new Set<string>();
  const { headers } = message;
  for (let field = 0; field < headers.size; field++) {
    const key = headers.keyAt(field);
    const check = checks.get(key);
    if (!check) continue;
    const first = !seen.has(key);
    seen.add(key);
    check(headers.valueAt(field), (what, status) => bad(what, field, status), message, first);
  }
  for (const name of required) if (!seen.has(name.toLowerCase())) bad(`${name} is missing`, -1);
  return problems;
}

type Check = (
  value: string,
  bad: (what: string, status?: number) => void,
  message: SipMessage,
  first: boolean,
) => void;

const checks: ReadonlyMap<string, Check> = new Map(
  Object.entries<Check>({
    "": (_, bad) => bad("a header line without a name and a colon"),
    from: (value, bad, _, first) => {
      if (!first) return bad("From stands more than once");
      const flaw = nameAddrFlaw(value);
      if (flaw) bad(`From ${flaw}`);
    },
    to: (value, bad, message, first) => {
      if (!first) return bad("To stands more than once");
      const flaw = nameAddrFlaw(value);
      if (flaw) bad(`To ${flaw}`);
      else if (message.kind === "request" && message.method === "REGISTER") {
        // RFC 3261 §10.3: the address of record
        const scheme = uriScheme(parseNameAddr(value)?.uri ?? "");
        if (scheme !== "sip" && scheme !== "sips" && scheme !== "tel") bad("To is no address to register");
      }
    },
    "call-id": (value, bad, _, first) => {
      if (!first) bad("Call-ID stands more than once");
      else if (value === "") bad("Call-ID is empty");
    },
    cseq: (value, bad, message, first) => {
      if (!first) return bad("CSeq stands more than once");
      const cseq = parseCSeq(value);
      if (!cseq) bad("CSeq cannot be read");
      else if (message.kind === "request" && cseq.method !== message.method)
        bad(`CSeq is of ${cseq.method}, not of ${message.method}`, methods.has(message.method) ? 400 : 501);
    },
    via: (value, bad, _, first) => {
      // only the topmost is for us
      if (first && !parseVia(splitList(value)[0] ?? "")) bad("Via cannot be read");
    },
    "max-forwards": (value, bad, _, first) => {
      if (!first) bad("Max-Forwards stands more than once");
      else if (!/^\d+$/.test(value) || Number(value) > 255) bad("Max-Forwards is not 0 to 255");
    },
    "content-length": (value, bad, message, first) => {
      if (!/^\d+$/.test(value)) bad("Content-Length is no number");
      else if (!first) {
        if (Number(value) !== Number(message.headers.get("content-length")))
          bad("Content-Length stands twice");
      } else if (Number(value) > message.body.length)
        bad(`the body has ${Number(value) - message.body.length} bytes less than Content-Length says`);
    },
    contact: (value, bad, message) => {
      if (message.kind !== "request" || value === "*") return;
      for (const member of splitList(value)) {
        const flaw = nameAddrFlaw(member);
        if (flaw) return bad(`Contact ${flaw}`);
      }
    },
  }),
);

function checkRequestLine(
  { uri, version }: SipRequest,
  bad: (what: string, field: number, status?: number) => void,
): void {
  if (/\s/.test(version) || /\s/.test(uri)) bad("white space in the request line", -1);
  else if (version !== "2.0") bad(`SIP version ${version}`, -1, 505);
  else {
    const scheme = uriScheme(uri);
    const known = scheme === "sip" || scheme === "sips" || scheme === "tel";
    const read = parseUri(uri);
    if (scheme !== undefined && !known) bad(`the scheme ${scheme} is not known`, -1, 416);
    else if (!read) bad("the Request-URI cannot be read", -1);
    else if (read.headers.size > 0) bad("the Request-URI has header fields in it", -1); // RFC 3261 §19.1.1
  }
}

/** What a malformed request must be answered with; undefined when nothing is wrong with it. ACK is never answered. */
export function requestVerdict(request: SipRequest): { status: number; reason: string } | undefined {
  const problems = checkMessage(request);
  if (problems.length === 0) return undefined;
  const { status, what } = problems.find((problem) => problem.status !== 400) ?? (problems[0] as Problem);
  return { status, reason: status === 400 ? `Bad Request (${what})` : reasonPhrase(status) };
}

/** Why a response must be dropped (RFC 3261 §16.7, §18.1.2), in words; undefined when it may be used. */
export function responseFlaw(response: SipResponse): string | undefined {
  return response.version === "2.0" ? checkMessage(response)[0]?.what : `SIP version ${response.version}`;
}
