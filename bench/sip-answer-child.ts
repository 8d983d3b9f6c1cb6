/** Answers calls: 180, 200, and what the BYE wants. `package`: npm's sip 0.0.6; `agent`: our user agent; `engine`: the embedded engine. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createRequire } from "node:module";
import { realClock, silentLogger } from "../src/base/index.ts";
import { createEngine, parseConfig } from "../src/modules/index.ts";
import { randomToken } from "../src/modules/sip/token.ts";
import { createSipTransports } from "../src/modules/sip/transport/index.ts";
import { createUserAgent, type UserAgent } from "../src/sip/index.ts";
import type { Answering, Usage } from "./sip-calls.ts";

const answer = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=audio 54402 RTP/AVP 0 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");

/** What lives still: sessions, transactions, channels, sessions of RTP. */
type Living = () => Usage["living"] | Promise<Usage["living"]>;

/** What of the package is used. */
interface SipPackage {
  start(options: object, receive: (request: PackageMessage) => void): void;
  send(message: PackageMessage): void;
  makeResponse(request: PackageMessage, status: number, reason: string): PackageMessage;
}

interface PackageMessage {
  readonly method: string;
  readonly headers: Record<string, unknown> & { to: { params: Record<string, string> } };
  content?: string;
}

async function answerByPackage(): Promise<{ port: number; living: Living }> {
  const sip = createRequire(import.meta.url)("sip") as SipPackage;
  const finder = createSocket("udp4").bind(0, "127.0.0.1");
  await once(finder, "listening");
  const { port } = finder.address();
  await new Promise<void>((resolve) => void finder.close(resolve));
  const contact = [{ uri: `sip:100@127.0.0.1:${port}` }];
  sip.start({ address: "127.0.0.1", port, tcp: false }, (request) => {
    if (request.method === "INVITE") {
      request.headers.to.params.tag = randomToken();
      const ringing = sip.makeResponse(request, 180, "Ringing");
      ringing.headers.contact = contact;
      sip.send(ringing);
      const ok = sip.makeResponse(request, 200, "OK");
      ok.headers.contact = contact;
      ok.headers["content-type"] = "application/sdp";
      ok.content = answer;
      sip.send(ok);
    } else if (request.method === "BYE") sip.send(sip.makeResponse(request, 200, "OK"));
  });
  return { port, living: () => ({}) };
}

async function answerByAgent(): Promise<{ port: number; living: Living }> {
  let agent: UserAgent | undefined;
  const transports = await createSipTransports({
    clock: realClock,
    log: silentLogger,
    listeners: [{ name: "bench", transport: "udp", host: "127.0.0.1", port: 0 }],
    flood: false,
    onMessage: (message, flow) => agent?.receive(message, flow),
  });
  const port = transports.addresses.get("bench")?.port ?? 0;
  const body = { type: "application/sdp", bytes: new TextEncoder().encode(answer) };
  const users = createUserAgent({
    clock: realClock,
    random: randomToken,
    contact: () => `<sip:100@127.0.0.1:${port}>`,
    allow: ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK", "UPDATE"],
    handlers: {
      onInvite(session) {
        session.provisional(180);
        session.accept({ body });
        return { onEnd: () => {} };
      },
      onRequest: (transaction) => users.respond(transaction, 200),
    },
  });
  agent = users;
  return { port, living: () => ({ sessions: users.sessions.size, transactions: users.transactions }) };
}

async function answerByEngine(): Promise<{ port: number; living: Living }> {
  const { engine, yate, sip } = await createEngine({
    config: { ysipchan: parseConfig("[general]\naddr=127.0.0.1\nport=0\nfloodprotection=no\n", "ysipchan") },
  });
  yate.handle("call.route", () => "dumb/");
  // The other side rings as soon as it is called, and is answered here.
  void (async () => {
    for await (const message of yate.watches("call.execute")) {
      const id = message.get("targetid");
      if (id) yate.msg("call.answered", { id, targetid: message.get("id") ?? "" }).enqueue();
    }
  })();
  const living: Living = async () => {
    const { retvalue } = await yate.msg("engine.status", { details: "false" }).dispatch();
    const found: Record<string, number> = { queued: engine.kernel.figures.queued };
    for (const line of retvalue.split("\r\n")) {
      const name = /^name=(\w+)/.exec(line)?.[1] ?? "";
      for (const [, what = "", count] of line.matchAll(/\b(routing|chans|transactions|sessions)=(\d+)/g))
        found[`${name} ${what}`] = Number(count);
    }
    return found;
  };
  return { port: sip.get("general")?.port ?? 0, living };
}

const how: Record<string, () => Promise<{ port: number; living: Living }>> = {
  package: answerByPackage,
  agent: answerByAgent,
  engine: answerByEngine,
};
const { port, living } = (await how[process.argv[2] ?? ""]?.()) ?? { port: 0, living: () => ({}) };

async function usage(): Promise<Usage> {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { heapUsed, rss } = process.memoryUsage();
  return { cpuUs: user + system, heapBytes: heapUsed, rssBytes: rss, living: await living() };
}

process.on("message", async (question: "port" | "usage") => {
  const answering: Answering = { port };
  process.send?.(question === "port" ? answering : await usage());
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
