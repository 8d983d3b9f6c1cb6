/**
 * A caller of many calls, cheap enough not to be the limit: INVITE, on its 200 ACK and BYE, over one UDP socket. What
 * is not answered within T1 it sends again, as telephones do; that, and what is answered twice, is counted as a retransmission.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { LoadMeasured, LoadWanted } from "./sip-calls.ts";

const t1Ms = 500;
/** No more calls are begun at once, however late the timer: the receiver's buffer is not what is measured. */
const maxBurst = 16;

/** A call, by its number: what is waited for, and since when. */
interface Call {
  wants: "ringing" | "answer" | "end";
  sinceMs: number;
  /** `;tag=…` of the other side. */
  toTag: string;
}

const socket = createSocket("udp4");
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
socket.setRecvBufferSize(4 * 1024 * 1024);
const own = `127.0.0.1:${socket.address().port}`;

const calls = new Map<number, Call>();
let made = 0;
let to = { port: 0, sdp: "" };
let completed = 0;
let retransmitted = 0;

const send = (text: string): void => socket.send(Buffer.from(text, "latin1"), to.port, "127.0.0.1");

const head = (method: string, number: number, toTag: string): string =>
  `${method} sip:100@127.0.0.1:${to.port} SIP/2.0\r\n` +
  `Via: SIP/2.0/UDP ${own};branch=z9hG4bK-${method}-${number};rport\r\n` +
  "Max-Forwards: 70\r\n" +
  `From: "Alice Example" <sip:alice@127.0.0.1>;tag=from-${number}\r\n` +
  `To: <sip:100@127.0.0.1>${toTag}\r\n` +
  `Call-ID: ${number}-${process.pid}@127.0.0.1\r\n` +
  `CSeq: ${method === "BYE" ? 2 : 1} ${method}\r\n`;

function begin(): void {
  const number = made++;
  calls.set(number, { wants: "ringing", sinceMs: performance.now(), toTag: "" });
  invite(number);
}

function invite(number: number): void {
  send(
    `${head("INVITE", number, "")}Contact: <sip:alice@${own}>\r\n` +
      "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE\r\n" +
      "Supported: replaces, norefersub, timer\r\nUser-Agent: Example Phone 4.5.7\r\n" +
      `Content-Type: application/sdp\r\nContent-Length: ${to.sdp.length}\r\n\r\n${to.sdp}`,
  );
}

socket.on("message", (bytes) => {
  const text = bytes.toString("latin1", 0, 600);
  if (!text.startsWith("SIP/2.0 ")) return;
  const branch = text.indexOf("z9hG4bK-") + 8;
  const dash = text.indexOf("-", branch);
  const method = text.slice(branch, dash);
  const number = Number.parseInt(text.slice(dash + 1, dash + 12), 10);
  const call = calls.get(number);
  const status = Number(text.slice(8, 11));
  if (!call || status === 100) return;
  if (status >= 300) throw new Error(text);
  if (method === "BYE") {
    if (call.wants !== "end") return;
    completed++;
    calls.delete(number);
    return;
  }
  call.sinceMs = performance.now();
  if (status < 200) {
    if (call.wants === "ringing") call.wants = "answer";
    else retransmitted++;
    return;
  }
  if (call.wants === "end") {
    retransmitted++;
    end(number, call);
    return;
  }
  // Its 180 was lost on the way: that counts, too.
  if (call.wants === "ringing") retransmitted++;
  call.wants = "end";
  const toTag = /\r\nTo:[^\r]*(;\s*tag=[^;\r]+)/i.exec(text)?.[1];
  if (toTag === undefined) throw new Error(text);
  call.toTag = toTag;
  end(number, call);
});

function end(number: number, { toTag }: Call): void {
  send(`${head("ACK", number, toTag)}Content-Length: 0\r\n\r\n`);
  send(`${head("BYE", number, toTag)}Content-Length: 0\r\n\r\n`);
}

/** Those that have waited for T1. */
function repeatLate(): void {
  const nowMs = performance.now();
  for (const [number, call] of calls) {
    if (nowMs - call.sinceMs < t1Ms) continue;
    call.sinceMs = nowMs;
    retransmitted++;
    if (call.wants === "ringing") invite(number);
    else if (call.wants === "end") end(number, call);
  }
}

async function run({ port, rate, calls: wanted, held }: LoadWanted): Promise<LoadMeasured> {
  to = { port, sdp: offer(held) };
  completed = 0;
  retransmitted = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  let begun = 0;
  let checkedMs = startMs;
  while (begun < wanted) {
    const nowMs = performance.now();
    const due = Math.min(wanted, Math.ceil(((nowMs - startMs) * rate) / 1000));
    for (let burst = 0; begun < due && burst < maxBurst; burst++, begun++) begin();
    if (nowMs - checkedMs > 250) {
      checkedMs = nowMs;
      repeatLate();
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const elapsedMs = performance.now() - startMs;
  while (calls.size > 0 && performance.now() - startMs < elapsedMs + 5000) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    repeatLate();
  }
  const lost = calls.size;
  calls.clear();
  const { user, system } = process.cpuUsage(cpu);
  return {
    completed,
    lost,
    retransmitted,
    rate: (wanted * 1000) / elapsedMs,
    cpuUs: (user + system) / wanted,
  };
}

/** @param held the caller takes no sound, so that the engine makes no RTP session */
function offer(held: boolean): string {
  return [
    "v=0",
    "o=- 20518 20518 IN IP4 127.0.0.1",
    "s=-",
    `c=IN IP4 ${held ? "0.0.0.0" : "127.0.0.1"}`,
    "t=0 0",
    "m=audio 54400 RTP/AVP 0 8 101",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-16",
    "a=ptime:20",
    "a=sendrecv",
    "",
  ].join("\r\n");
}

process.on("message", async (wanted: LoadWanted) => void process.send?.(await run(wanted)));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
