import { parseCSeq } from "./cseq.ts";
import { firstOf, splitList } from "./list.ts";
import type { SipMessage, SipRequest, SipResponse } from "./message.ts";
import { nameAddrFlaw, parseNameAddr } from "./name-addr.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import { requestUriFlaw, uriScheme } from "./uri.ts";
import { isVia } from "./via.ts";

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

/** Everything wrong with a message that its receiver has to look at (RFC 3261 §8.1.1, §8.2.2, §16.3, §18.3). */
export function checkMessage(message: SipMessage): Problem[] {
  const problems: Problem[] = [];
  const request = message.kind === "request" ? message : undefined;
  if (request) checkRequestLine(request, problems);
  const { headers } = message;
  let [from, to, callId, cseq, via, hops, length] = [-1, -1, -1, -1, -1, -1, -1];
  let nameless = false;
  for (let field = 0; field < headers.size; field++) {
    let what: string | undefined;
    switch (headers.keyAt(field)) {
      case "from":
        what = from < 0 ? nameAddrFlaw(headers.valueAt(field)) : again;
        if (from < 0) from = field;
        break;
      case "to":
        what = to < 0 ? nameAddrFlaw(headers.valueAt(field)) : again;
        if (to < 0) to = field;
        break;
      case "call-id":
        what = callId < 0 ? (headers.valueAt(field) === "" ? "is empty" : undefined) : again;
        if (callId < 0) callId = field;
        break;
      case "cseq":
        if (cseq < 0) checkCSeq(headers.valueAt(field), request, field, problems);
        else what = again;
        if (cseq < 0) cseq = field;
        break;
      case "via":
        // only the topmost is for us
        if (via < 0 && !isVia(firstOf(headers.valueAt(field)))) what = "cannot be read";
        if (via < 0) via = field;
        break;
      case "max-forwards":
        what = hops < 0 ? hopsFlaw(headers.valueAt(field)) : again;
        if (hops < 0) hops = field;
        break;
      case "content-length":
        what = lengthFlaw(headers.valueAt(field), length < 0 ? undefined : headers.valueAt(length), message);
        if (length < 0) length = field;
        break;
      case "contact":
        if (request) what = contactFlaw(headers.valueAt(field));
        break;
      case "":
        if (!nameless)
          problems.push({ what: "a header line without a name and a colon", status: 400, field });
        nameless = true;
        break;
    }
    if (what) problems.push({ what: `${names[headers.keyAt(field)]} ${what}`, status: 400, field });
  }
  if (from < 0) problems.push(missing("From"));
  else if (to >= 0 && request?.method === "REGISTER") checkAddressOfRecord(headers.valueAt(to), to, problems);
  if (to < 0) problems.push(missing("To"));
  if (callId < 0) problems.push(missing("Call-ID"));
  if (cseq < 0) problems.push(missing("CSeq"));
  if (via < 0) problems.push(missing("Via"));
  return problems;
}

const again = "stands more than once";

/** How the header fields that are looked at are called in words. */
const names: Readonly<Record<string, string>> = {
  "call-id": "Call-ID",
  contact: "Contact",
  "content-length": "Content-Length",
  cseq: "CSeq",
  from: "From",
  "max-forwards": "Max-Forwards",
  to: "To",
  via: "Via",
};

function missing(name: string): Problem {
  return { what: `${name} is missing`, status: 400, field: -1 };
}

function contactFlaw(value: string): string | undefined {
  if (value === "*") return undefined;
  if (!value.includes(",")) return value === "" ? undefined : nameAddrFlaw(value);
  for (const member of splitList(value)) {
    const flaw = nameAddrFlaw(member);
    if (flaw) return flaw;
  }
  return undefined;
}

function hopsFlaw(value: string): string | undefined {
  return isNumber(value) && Number(value) <= 255 ? undefined : "is not 0 to 255";
}

function lengthFlaw(value: string, first: string | undefined, { body }: SipMessage): string | undefined {
  if (!isNumber(value)) return "is no number";
  if (first !== undefined)
    return Number(value) === Number(first) ? undefined : "stands twice, with other numbers";
  const less = Number(value) - body.length;
  return less > 0 ? `says ${less} bytes more than there are` : undefined;
}

function checkCSeq(value: string, request: SipRequest | undefined, field: number, problems: Problem[]): void {
  const cseq = parseCSeq(value);
  if (!cseq) problems.push({ what: "CSeq cannot be read", status: 400, field });
  else if (request && cseq.method !== request.method) {
    const status = methods.has(request.method) ? 400 : 501;
    problems.push({ what: `CSeq is of ${cseq.method}, not of ${request.method}`, status, field });
  }
}

/** RFC 3261 §10.3: what is registered is a SIP address. */
function checkAddressOfRecord(value: string, field: number, problems: Problem[]): void {
  const scheme = uriScheme(parseNameAddr(value)?.uri ?? "");
  if (scheme !== undefined && scheme !== "sip" && scheme !== "sips" && scheme !== "tel")
    problems.push({ what: "To is no address to register", status: 400, field });
}

function checkRequestLine({ uri, version }: SipRequest, problems: Problem[]): void {
  const bad = (what: string, status = 400) => void problems.push({ what, status, field: -1 });
  if (/\s/.test(version) || /\s/.test(uri)) bad("white space in the request line");
  else if (version !== "2.0") bad(`SIP version ${version}`, 505);
  else {
    const flaw = requestUriFlaw(uri);
    if (flaw === "scheme") bad(`the scheme ${uriScheme(uri)} is not known`, 416);
    else if (flaw) bad("the Request-URI cannot be read");
  }
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** What a malformed request must be answered with; undefined when nothing is wrong with it. ACK is never answered. */
export function requestVerdict(request: SipRequest): { status: number; reason: string } | undefined {
  const problems = checkMessage(request);
  const problem = problems.find(({ status }) => status !== 400) ?? problems[0];
  if (!problem) return undefined;
  const { status, what } = problem;
  return { status, reason: status === 400 ? `Bad Request (${what})` : reasonPhrase(status) };
}

/** Why a response must be dropped (RFC 3261 §16.7, §18.1.2), in words; undefined when it may be used. */
export function responseFlaw(response: SipResponse): string | undefined {
  return response.version === "2.0" ? checkMessage(response)[0]?.what : `SIP version ${response.version}`;
}
