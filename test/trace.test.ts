import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import type { Yate } from "yayts";
import { connect } from "yayts/client";
import type { EngineRecord, MessageRecord, RtpRecord, SipRecord, TraceRecord } from "../src/trace/index.ts";
import { traceControl, traceData } from "../src/trace/index.ts";
import { createRawPhone } from "./sip/raw-phone.ts";
import { type SipEngine, startSipEngine } from "./sip/sip-engine.ts";

const timed = { timeout: 20_000 };

type Kinds = { message: MessageRecord; sip: SipRecord; rtp: RtpRecord; engine: EngineRecord };

/** What an asker gets. */
class Trace {
  readonly records: TraceRecord[] = [];
  text = "";
  #wake: () => void = () => {};

  static async of(yate: Yate, topics: string): Promise<Trace> {
    const trace = new Trace();
    const batches = yate.watches(traceData);
    void (async () => {
      for await (const { params } of batches) trace.#take(params.get("data") ?? "");
    })().catch(() => {});
    const { handled } = await yate
      .msg(traceControl, { operation: "start", id: "test", of: topics })
      .dispatch();
    assert.equal(handled, true);
    return trace;
  }

  #take(data: string): void {
    this.text += data;
    this.records.push(...(JSON.parse(data) as TraceRecord[]));
    this.#wake();
  }

  all<K extends keyof Kinds>(kind: K): Kinds[K][] {
    return this.records.filter((record): record is TraceRecord & Kinds[K] => record.kind === kind);
  }

  /** Waits for a record of that kind that fits. */
  async until<K extends keyof Kinds>(
    what: string,
    kind: K,
    fits: (record: Kinds[K]) => boolean,
  ): Promise<Kinds[K]> {
    for (const endMs = Date.now() + 8000; Date.now() < endMs; ) {
      const found = this.all(kind).find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 50);
      });
    }
    throw new Error(`waited in vain for ${what}`);
  }
}

const ways: readonly (readonly [string, (engine: SipEngine) => Promise<Yate>])[] = [
  ["in process", async ({ embedded }) => embedded.connect({ name: "console" })],
  ["over TCP", ({ apps }) => connect(`tcp://${apps}`)],
];

for (const [way, open] of ways) {
  describe(`a trace read ${way}`, () => {
    it(
      "tells who handled a call's messages, which connection sent them, and who is connected",
      timed,
      async () => {
        await using engine = await startSipEngine({ regexroute: "[default]\n^99$=tone/dial\n" });
        const [yate, app] = [await open(engine), await open(engine)];
        app.handle("call.route", { priority: 30 }, (message) => {
          message.params.set("seen", "1");
          return false;
        });
        // Lines are obeyed in their order: when this is answered, the handler is there.
        await app.msg("call.route", { called: "none" }).dispatch();
        const trace = await Trace.of(yate, "messages,engine");
        await yate.msg("call.execute", { callto: "dumb/", target: "99" }).dispatch();
        const record = await trace.until("the routing", "message", ({ name }) => name === "call.route");
        const { connections } = await trace.until("the engine", "engine", () => true);
        const other = connections.find(({ handlers }) => handlers.some(({ name }) => name === "call.route"));
        assert.ok(other);
        assert.equal(other.way, way === "over TCP" ? "tcp" : "in process");
        assert.deepEqual(
          record.steps.map(({ name, priority, handled, changes }) => [name, priority, handled, changes]),
          [
            [other.name, 30, false, [{ name: "seen", to: "1" }]],
            ["cdrbuild", 50, false, []],
            ["regexroute", 100, true, []],
          ],
        );
        assert.deepEqual(record.next, [{ name: "regfile", priority: 100 }]);
        const execute = await trace.until(
          "the sender",
          "message",
          ({ name, sender }) => name === "call.execute" && sender !== "",
        );
        assert.notEqual(execute.sender, other.name);
        assert.ok(connections.some(({ name }) => name === execute.sender));
        assert.ok(trace.all("message").every(({ name }) => !name.startsWith("yayts.")));
        await Promise.all([yate.close(), app.close()]);
      },
    );
  });
}

describe("an app's connection that is cut", () => {
  it("is seen to go and to come back, with its handlers", timed, async () => {
    await using engine = await startSipEngine();
    const yate = engine.embedded.connect({ name: "console" });
    const app = await connect(`tcp://${engine.apps}`);
    app.handle("test.cut", () => true);
    await app.msg("test.cut").dispatch();
    const trace = await Trace.of(yate, "engine");
    const connectionOf = ({ connections }: EngineRecord) =>
      connections.find(({ handlers }) => handlers.some(({ name }) => name === "test.cut"));
    const first = connectionOf(await trace.until("the app", "engine", (r) => connectionOf(r) !== undefined));
    assert.ok(first);
    const { handled } = await yate.msg(traceControl, { operation: "cut", connection: first.name }).dispatch();
    assert.equal(handled, true);
    const back = connectionOf(
      await trace.until("its return", "engine", (r) => (connectionOf(r)?.sinceMs ?? 0) > first.sinceMs),
    );
    assert.notEqual(back?.name, first.name);
    await app.close();
  });
});

/** A phone that sends what it is told to. */
class Wire {
  readonly #socket: Socket;
  readonly #server: number;
  readonly #came: string[] = [];

  constructor(socket: Socket, server: number) {
    this.#socket = socket;
    this.#server = server;
    socket.on("message", (bytes) => this.#came.push(String(bytes)));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(text: string): void {
    this.#socket.send(text, this.#server, "127.0.0.1");
  }

  async response(status: number): Promise<string> {
    for (;;) {
      const found = this.#came.find((text) => text.startsWith(`SIP/2.0 ${status} `));
      if (found !== undefined) return found;
      await once(this.#socket, "message", { signal: AbortSignal.timeout(5000) });
    }
  }

  close(): void {
    this.#socket.close();
  }
}

async function openWire(server: number): Promise<Wire> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return new Wire(socket, server);
}

describe("a trace of SIP", () => {
  it("has every datagram of a call, repetitions marked, and the call's channel", timed, async () => {
    await using engine = await startSipEngine({ regexroute: "[default]\n^99$=tone/dial\n" });
    const { embedded, sipPort } = engine;
    const trace = await Trace.of(embedded.connect({ name: "console" }), "sip,rtp");
    const wire = await openWire(sipPort);
    const [port, target] = [wire.port, `sip:99@127.0.0.1:${sipPort}`];
    const request = (method: string, cseq: number, toTag = "", sdp = ""): string =>
      [
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${method === "ACK" ? "a" : ""}${cseq};rport`,
        `From: <sip:me@127.0.0.1>;tag=1`,
        `To: <${target}>${toTag}`,
        "Call-ID: the-call@wire",
        `CSeq: ${cseq} ${method}`,
        "Max-Forwards: 70",
        `Contact: <sip:me@127.0.0.1:${port}>`,
        ...(sdp ? ["Content-Type: application/sdp"] : []),
        `Content-Length: ${sdp.length}`,
        "",
        sdp,
      ].join("\r\n");
    const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n`;
    const invite = request("INVITE", 1, "", sdp);
    wire.send(invite);
    await wire.response(100);
    wire.send(invite);
    const answer = await wire.response(200);
    const toTag = /^To:.*(;tag=[^\r\n;]+)/im.exec(answer)?.[1] ?? "";
    assert.notEqual(toTag, "");
    wire.send(request("ACK", 1, toTag));
    const { id } = await trace.until("the RTP session", "rtp", ({ phase }) => phase === "open");
    await embedded.yate.msg("chan.dtmf", { targetid: "sip/1", text: "5" }).dispatch();
    await trace.until(
      "its figures",
      "rtp",
      ({ phase, sent }) => phase === "report" && (sent?.packets ?? 0) > 0,
    );
    wire.send(request("BYE", 2, toTag));
    await trace.until("the end", "sip", ({ method, status }) => method === "BYE" && status === 200);
    const closed = await trace.until("the end of sound", "rtp", ({ phase }) => phase === "close");
    wire.close();

    const sip = trace.all("sip");
    assert.deepEqual(
      sip
        .filter(({ again, status }) => !again && (status ?? 200) >= 200)
        .map(({ direction, method, status }) => `${direction} ${method} ${status ?? ""}`.trim()),
      ["in INVITE", "out INVITE 200", "in ACK", "in BYE", "out BYE 200"],
    );
    const invites = sip.filter(({ direction, method }) => direction === "in" && method === "INVITE");
    assert.deepEqual(
      invites.map(({ again }) => again),
      [false, true],
    );
    assert.equal(invites[0]?.text, invite);
    assert.equal(invites[0]?.line, `INVITE ${target} SIP/2.0`);
    for (const record of sip) {
      assert.deepEqual(
        [record.transport, record.callId, record.channel, record.local, record.remote],
        ["udp", "the-call@wire", "sip/1", `127.0.0.1:${sipPort}`, `127.0.0.1:${port}`],
      );
    }
    for (const { atMs } of sip) assert.ok(Math.abs(atMs - Date.now()) < 20_000);
    const rtp = trace.all("rtp");
    assert.ok(rtp.every((record) => record.id === id && record.channel === "sip/1"));
    const opened = rtp.find(({ phase }) => phase === "open");
    assert.deepEqual([opened?.remote, opened?.format], ["127.0.0.1:4000", "alaw"]);
    assert.deepEqual(
      rtp.filter(({ phase }) => phase === "key").map(({ key, direction }) => [key, direction]),
      [["5", "out"]],
    );
    assert.equal(closed.received?.packets, 0);
  });

  it("has no password, whatever a phone and the engine do with it", timed, async () => {
    await using engine = await startSipEngine({ regfile: "[100]\npassword=hunter2\n" });
    const { embedded, sipPort } = engine;
    const trace = await Trace.of(embedded.connect({ name: "console" }), "messages,sip,engine");
    await using phone = await createRawPhone(sipPort);
    const response = await phone.ask("REGISTER", "", {
      user: "100",
      password: "hunter2",
      headers: [["Contact", `<${phone.uri}>`]],
    });
    assert.equal(response.status, 200);
    await phone.ask("OPTIONS", "", { headers: [["Authorization", "Basic aHVudGVyMg=="]] });
    const { registrations } = await trace.until("the phone", "engine", (r) => r.registrations.length > 0);
    assert.deepEqual([registrations[0]?.kind, registrations[0]?.name], ["phone", "100"]);
    await trace.until("OPTIONS", "sip", ({ method, status }) => method === "OPTIONS" && status !== undefined);
    const auth = trace.all("message").find(({ name, handled }) => name === "user.auth" && handled);
    assert.equal(auth?.steps.at(-1)?.name, "regfile");
    assert.match(trace.text, /Digest username/);
    assert.doesNotMatch(trace.text, /hunter2|aHVudGVyMg/);
  });
});
