/**
 * How fast SIP messages are read, against the parser of the npm package `sip` on the same messages in the same process, and how
 * long hostile ones take. Run by `npm run bench -- sip`.
 */
import { createRequire } from "node:module";
import { parseSipMessage, type SipLimits } from "../src/sip/index.ts";
import { sipVectors } from "../test/sip-vectors.ts";
import { median, type Row } from "./row.ts";

const rounds = 15;
const roundMs = 60;
/** What fits into one datagram and is as bad as can be. */
const hostileBytes = 60_000;

const sdp = [
  "v=0",
  "o=- 20518 20518 IN IP4 203.0.113.1",
  "s=-",
  "c=IN IP4 203.0.113.1",
  "t=0 0",
  "m=audio 54400 RTP/AVP 0 8 9 18 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:9 G722/8000",
  "a=rtpmap:18 G729/8000",
  "a=fmtp:18 annexb=no",
  "a=rtpmap:101 telephone-event/8000",
  "a=fmtp:101 0-16",
  "a=ptime:20",
  "a=sendrecv",
  "",
].join("\r\n");

function text(lines: readonly string[], body = ""): string {
  return [...lines, `Content-Length: ${body.length}`, "", body].join("\r\n");
}

/** What a telephone and a provider say to each other. */
const realistic: Readonly<Record<string, string>> = {
  "INVITE with SDP": text(
    [
      "INVITE sip:+49891234567@sip.example.com;user=phone SIP/2.0",
      "Via: SIP/2.0/UDP 192.168.1.33:5060;branch=z9hG4bK-524287-1---4c5b1a7f6f2d9c01;rport",
      "Max-Forwards: 70",
      "Contact: <sip:alice@192.168.1.33:5060;transport=udp>",
      "To: <sip:+49891234567@sip.example.com;user=phone>",
      'From: "Alice Example" <sip:alice@sip.example.com>;tag=8d2f5c11',
      "Call-ID: 83412NzM2YjE0ZDk1YjE4ZjA3ZTk2ZTQ4N2ZkN2U",
      "CSeq: 2 INVITE",
      "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE, UPDATE, PRACK",
      "Content-Type: application/sdp",
      "Supported: replaces, norefersub, extended-refer, timer, outbound, path, 100rel",
      "User-Agent: Example Phone 4.5.7 rv2.10.17",
      'Authorization: Digest username="alice",realm="sip.example.com",nonce="5f3e2a1b9c8d7e6f",uri="sip:+49891234567@sip.example.com;user=phone",response="6629fae49393a05397450978507c4ef1",cnonce="0a4f113b",nc=00000001,qop=auth,algorithm=MD5',
      "Session-Expires: 1800;refresher=uac",
    ],
    sdp,
  ),
  "200 with SDP": text(
    [
      "SIP/2.0 200 OK",
      "Via: SIP/2.0/UDP 192.168.1.33:5060;branch=z9hG4bK-524287-1---4c5b1a7f6f2d9c01;rport=49160;received=203.0.113.7",
      "Record-Route: <sip:198.51.100.4;lr;ftag=8d2f5c11>",
      "Record-Route: <sip:198.51.100.9;lr;did=1c.7f2>",
      'From: "Alice Example" <sip:alice@sip.example.com>;tag=8d2f5c11',
      "To: <sip:+49891234567@sip.example.com;user=phone>;tag=as5c1e8d7f",
      "Call-ID: 83412NzM2YjE0ZDk1YjE4ZjA3ZTk2ZTQ4N2ZkN2U",
      "CSeq: 2 INVITE",
      "Server: Example Media Gateway",
      "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE",
      "Supported: replaces, timer",
      "Contact: <sip:+49891234567@198.51.100.20:5060>",
      "Content-Type: application/sdp",
    ],
    sdp,
  ),
  BYE: text([
    "BYE sip:alice@203.0.113.7:49160;transport=udp SIP/2.0",
    "Via: SIP/2.0/UDP 198.51.100.4;branch=z9hG4bK9a3d.5f1c2e77000000000000000000000000.0",
    "Via: SIP/2.0/UDP 198.51.100.20:5060;received=198.51.100.20;branch=z9hG4bK4f0d7a52;rport=5060",
    "Max-Forwards: 69",
    "From: <sip:+49891234567@sip.example.com;user=phone>;tag=as5c1e8d7f",
    'To: "Alice Example" <sip:alice@sip.example.com>;tag=8d2f5c11',
    "Call-ID: 83412NzM2YjE0ZDk1YjE4ZjA3ZTk2ZTQ4N2ZkN2U",
    "CSeq: 102 BYE",
    'Reason: Q.850;cause=16;text="Normal call clearing"',
    "User-Agent: Example Media Gateway",
  ]),
  REGISTER: text([
    "REGISTER sip:sip.example.com SIP/2.0",
    "Via: SIP/2.0/TCP 192.168.1.33:49160;branch=z9hG4bK-524287-1---9d1e0c3b2a4f5e6d;rport;alias",
    "Max-Forwards: 70",
    'Contact: <sip:alice@192.168.1.33:49160;transport=tcp;ob>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-aabbccddeeff>";expires=3600',
    'To: "Alice Example" <sip:alice@sip.example.com>',
    'From: "Alice Example" <sip:alice@sip.example.com>;tag=3f6a1b2c',
    "Call-ID: 83412MmE0ZWI1YmM3ZTAwN2M1NzQ3NDUxYTQ5",
    "CSeq: 7 REGISTER",
    "Expires: 3600",
    "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE",
    "Supported: outbound, path, gruu",
    "User-Agent: Example Phone 4.5.7 rv2.10.17",
    'Authorization: Digest username="alice",realm="sip.example.com",nonce="5f3e2a1b9c8d7e6f",uri="sip:sip.example.com",response="b1b8d5f0c6a79e3d2f4a8c7e6d5b4a39",algorithm=MD5',
  ]),
};

function hostileMessages(): Record<string, string> {
  const head =
    "INVITE sip:a@example.com SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\n";
  const fill = (piece: string) => piece.repeat(Math.floor((hostileBytes - 200) / piece.length));
  const rest = "To: <sip:b@c>\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n";
  const body = "\r\n\r\n";
  return {
    commas: `${head}Via: ${fill(",")}\r\n${rest}Contact: ${body}`,
    "contacts in one field": `${head}${rest}Contact: ${fill("<sip:a@b>,")}${body}`,
    "Via members in one field": `${head}Via: ${fill("SIP/2.0/UDP a;branch=z9hG4bK,")}${body}`,
    "folded lines": `${head}${rest}Subject: a${fill("\r\n b")}${body}`,
    "folded To": `${head}Via: SIP/2.0/UDP a\r\nTo: <sip:a@b>${fill("\r\n ;a=b")}${body}`,
    "white space": `${head}${rest}Subject: a${fill(" ")}b\r\n c${body}`,
    "header fields": `${head}${rest}${fill("v:a\r\n")}\r\n`,
    "lines without colon": `${head}${rest}${fill("aa\r\n")}\r\n`,
    "open quotes": `${head}${rest}Contact: ${fill('"')}${body}`,
    "open brackets": `${head}${rest}Contact: ${fill("<,")}${body}`,
    backslashes: `${head}${rest}Contact: "${fill("\\")}${body}`,
    parameters: `${head}Via: SIP/2.0/UDP a\r\nTo: <sip:a@b>${fill(";a=b")}${body}`,
    "different parameters": `${head}Via: SIP/2.0/UDP a\r\nTo: <sip:a@b>${Array.from({ length: 6000 }, (_, i) => `;p${i}=${i}`).join("")}${body}`,
    "a long Request-URI": `INVITE sip:${fill("%41")}@b SIP/2.0\r\n${head.slice(head.indexOf("\n") + 1)}${rest}\r\n`,
    "URI parameters": `INVITE sip:a@b${fill(";a=b")} SIP/2.0\r\n${head.slice(head.indexOf("\n") + 1)}${rest}\r\n`,
    "a request line of versions": `INVITE sip:a@b${fill(" sip/2.0")} x\r\n${rest}\r\n`,
    "a number": `${head}${rest}Content-Length: ${fill("9")}${body}`,
    "line feeds": `${head}${rest}a: b\n${fill("\n")}`,
    "line ends before": `${fill("\r\n")}${head}${rest}\r\n`,
    "no line end": fill("a"),
    "bytes that are no UTF-8": `${head}${rest}Subject: ${fill("\xff")}${body}`,
    "bytes between lines": `${head}${rest}${fill("\xe4:\r\n")}\r\n`,
  };
}

interface OtherParser {
  parse(text: string): unknown;
}

function otherParser(): OtherParser | undefined {
  try {
    const other = createRequire(import.meta.url)("sip") as Partial<OtherParser>;
    return typeof other.parse === "function" ? (other as OtherParser) : undefined;
  } catch {
    return undefined;
  }
}

export async function bench(): Promise<Row[] | string> {
  const other = otherParser();
  if (!other) return "the package sip is not installed";
  const messages = new Map(Object.entries(realistic));
  const torture = sipVectors("4475").find(({ name }) => name === "wsinv");
  if (torture) messages.set("torture short INVITE", torture.bytes.toString("latin1"));

  const rows: Row[] = [];
  const all: { ours: number; theirs: number }[] = [];
  for (const [name, message] of messages) {
    const bytes = Buffer.from(message, "latin1");
    const parsed = parseSipMessage(bytes);
    if (parsed.kind !== "message" || parsed.flaws.length > 0 || !other.parse(message))
      throw new Error(`${name} was not understood`);
    const { ours, theirs } = race(
      () => void parseSipMessage(bytes),
      // what its transports do with a datagram
      () => void other.parse(bytes.toString("latin1")),
    );
    all.push({ ours, theirs });
    rows.push({
      name: `sip: read ${name}`,
      value: ours,
      unit: "messages/s",
      baseline: theirs,
      ratio: ours / theirs,
      target: "ratio >= 1",
    });
  }
  const mean = (of: "ours" | "theirs") => all.length / all.reduce((sum, one) => sum + 1 / one[of], 0);
  rows.push({
    name: "sip: read, mean of these",
    value: mean("ours"),
    unit: "messages/s",
    target: ">= 80000",
  });
  rows.push({ ...worstHostile({}, "usual limits"), target: "<= 10" });
  // nobody reads so, but it shows what grows with the square of the length
  const none = Number.POSITIVE_INFINITY;
  rows.push(worstHostile({ fields: none, fieldLength: none }, "no limits"));
  return rows;
}

/** Messages a second of processor time of both, in turns, so that both meet the same disturbances. */
function race(ours: () => void, theirs: () => void): { ours: number; theirs: number } {
  const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = -2; round < rounds; round++) {
    const one = rate(ours);
    const another = rate(theirs);
    if (round < 0) continue;
    rates.ours.push(one);
    rates.theirs.push(another);
  }
  return { ours: median(rates.ours), theirs: median(rates.theirs) };
}

function rate(read: () => void): number {
  const start = processorMs();
  let count = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < 200; i++) read();
    count += 200;
    elapsed = processorMs() - start;
  } while (elapsed < roundMs);
  return (count * 1000) / elapsed;
}

/** Processor time of this process: what else runs on the machine does not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The slowest of them; each the median of some readings. */
function worstHostile(limits: SipLimits, which: string): Row {
  let worst = { name: "", ms: 0 };
  for (const [name, message] of Object.entries(hostileMessages())) {
    const bytes = Buffer.from(message, "latin1");
    const times: number[] = [];
    for (let i = 0; i < 9; i++) {
      const start = processorMs();
      parseSipMessage(bytes, limits);
      times.push(processorMs() - start);
    }
    const ms = median(times);
    if (ms > worst.ms) worst = { name, ms };
  }
  const name = `sip: worst hostile 60 KB, ${which} (${worst.name})`;
  return { name, value: worst.ms, unit: "ms" };
}
