import { createHash } from "node:crypto";
import type { Clock } from "../../base/index.ts";
import { formatAddress, type SipFlow, type SipTransport } from "../../sip/index.ts";
import { maskSip, type SipRecord } from "../../trace/index.ts";
import type { Outbox } from "./outbox.ts";
import type { RecordTimes } from "./record-times.ts";
import type { SipTap, Tap } from "./tap.ts";

const maxText = 16 * 1024;
/** Messages that are remembered to tell repetitions; more than are sent while one is repeated (64 T1, 32 s) on a busy day. */
const maxRemembered = 4096;
const maxCalls = 4096;
/** Less is no message: CRLF keeps ways through NAT open. */
const minBytes = 5;

const transports: Readonly<Record<SipTransport, SipRecord["transport"]>> = {
  UDP: "udp",
  TCP: "tcp",
  TLS: "tls",
  WS: "ws",
  WSS: "wss",
};

/** Methods that belong to no call. */
const callless: ReadonlySet<string> = new Set(["REGISTER", "OPTIONS", "SUBSCRIBE", "PUBLISH"]);

/** Makes a record of every SIP message. */
export function createSipTracer(clock: Clock, tap: Tap, outbox: Outbox, times: RecordTimes): SipTap {
  const seen = new Set<string>();
  const channels = new Map<string, string>();

  /** Whether these bytes went that way before. */
  const isAgain = (direction: string, bytes: Uint8Array, flow: SipFlow): boolean => {
    const hash = createHash("sha1").update(bytes).digest("base64");
    const key = `${direction} ${flow.remote.host} ${flow.remote.port} ${hash}`;
    if (seen.has(key)) return true;
    remember(seen, maxRemembered);
    seen.add(key);
    return false;
  };

  /** A call that is over has no channel any more, but its last messages are still of it. */
  const channelOf = (callId: string, method: string): string => {
    if (callId === "" || callless.has(method)) return "";
    const known = channels.get(callId);
    if (known !== undefined) return known;
    const found = tap.channelOfCall(callId);
    if (found === "") return "";
    remember(channels, maxCalls);
    channels.set(callId, found);
    return found;
  };

  return (direction, bytes, flow) => {
    if (bytes.length < minBytes) return;
    const atMs = clock.monotonicMs();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxText)).toString();
    const again = isAgain(direction, bytes, flow);
    const [local, remote] = [formatAddress(flow.local), formatAddress(flow.remote)];
    const head = headOf(text);
    const channel = channelOf(head.callId, head.method);
    outbox.add(
      (seq, longest) => ({
        kind: "sip",
        seq,
        atMs: times.at(atMs),
        direction,
        transport: transports[flow.transport],
        local,
        remote,
        callId: head.callId,
        // The INVITE that brings a call comes before its channel.
        channel: channel || channelOf(head.callId, head.method),
        method: head.method,
        status: head.status,
        line: head.line,
        // Not told to be shortened: the whole text is what it is for, and its limit is a batch's.
        text: maskSip(longest < maxText / 2 ? text.slice(0, longest) : text),
        again,
      }),
      text.length * 2 + 500,
    );
  };
}

/** Room for one more. */
function remember(known: Set<string> | Map<string, string>, most: number): void {
  if (known.size < most) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}

interface Head {
  readonly line: string;
  readonly callId: string;
  readonly method: string;
  readonly status: number | undefined;
}

/** What a record says of a message; of what is none, only its first line. */
function headOf(text: string): Head {
  const end = text.search(/\r?\n\r?\n/);
  const head = end < 0 ? text : text.slice(0, end);
  const [line = ""] = /^[^\r\n]*/.exec(head) ?? [];
  const callId = /^(?:call-id|i)[ \t]*:[ \t]*(\S*)/im.exec(head)?.[1] ?? "";
  const status = /^SIP\/\d\.\d[ \t]+(\d{3})\b/i.exec(line)?.[1];
  const method =
    status === undefined
      ? (/^(\S+)[ \t]+\S+[ \t]+SIP\/\d/i.exec(line)?.[1] ?? "")
      : (/^cseq[ \t]*:[ \t]*\d+[ \t]+(\S+)/im.exec(head)?.[1] ?? "");
  return {
    line: line.slice(0, 1024),
    callId: callId.slice(0, 256),
    method: method.slice(0, 32),
    status: status === undefined ? undefined : Number(status),
  };
}
