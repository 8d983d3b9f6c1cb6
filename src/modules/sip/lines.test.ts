import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../base/index.ts";
import { type Engine, startEngine } from "../../engine/index.ts";
import {
  createRequest,
  createResponse,
  type OutgoingRequest,
  type SipFlow,
  type SipResponse,
} from "../../sip/index.ts";
import { createLines, type Lines } from "./lines.ts";
import type { SipService } from "./sip-service.ts";

interface Registrar {
  readonly engine: Engine;
  readonly lines: Lines;
  /** The REGISTERs that came, with the time of each in seconds. */
  readonly asked: { readonly atSec: number; readonly expires: string; readonly cseq: number }[];
  /** Bytes sent beside requests. */
  readonly pings: number[];
  readonly notified: string[];
  pass(sec: number): Promise<void>;
  login(params?: Readonly<Record<string, string>>): boolean;
}

/** Lines whose requests reach `answer` instead of the network, in virtual time. */
async function start(answer: (request: OutgoingRequest) => SipResponse): Promise<Registrar> {
  const clock = createManualClock();
  const engine = await startEngine({ clock });
  const asked: { atSec: number; expires: string; cseq: number }[] = [];
  const pings: number[] = [];
  const notified: string[] = [];
  engine.install({
    name: "user.notify",
    priority: 100,
    trackName: "test",
    receive(message) {
      notified.push(`${message.get("registered")} ${message.get("error") ?? ""}`.trim());
      return false;
    },
  });
  const flow: SipFlow = {
    id: "general",
    transport: "UDP",
    reliable: false,
    local: { host: "10.0.0.2", port: 5060 },
    remote: { host: "192.0.2.9", port: 5060 },
    closed: false,
    send: (bytes) => void pings.push(bytes.length),
    onError: () => () => {},
  };
  const service = {
    engine,
    transports: {
      resolve: async () => ({ host: "192.0.2.9", port: 5060, transport: "UDP" }),
      connect: async () => flow,
    },
    agent: {
      request: async (request: OutgoingRequest) => {
        const expires = new Map(request.headers ?? []).get("Expires") ?? "";
        asked.push({ atSec: clock.monotonicMs() / 1000, expires, cseq: request.cseq ?? 0 });
        return answer(request);
      },
    },
    contactUri: () => "sip:100@10.0.0.2",
  };
  // Only what lines use of the service is there.
  const lines = createLines(
    () => service as unknown as SipService,
    () => () => undefined,
  );
  return {
    engine,
    lines,
    asked,
    pings,
    notified,
    pass: (sec) => clock.advance(sec * 1000),
    login: (params = {}) =>
      lines.login(
        engine.message("user.login", {
          protocol: "sip",
          account: "a",
          username: "100",
          password: "x",
          registrar: "registrar.example",
          ...params,
        }),
      ),
  };
}

/** The response of a registrar to a REGISTER. */
function respond(
  request: OutgoingRequest,
  status: number,
  headers: readonly (readonly [string, string])[] = [],
  via = "SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKx",
): SipResponse {
  const sent = createRequest({
    method: "REGISTER",
    uri: request.uri,
    headers: [
      ["Via", via],
      ["From", `${request.from};tag=a`],
      ["To", request.to],
      ["Call-ID", request.callId ?? ""],
      ["CSeq", `${request.cseq} REGISTER`],
    ],
  });
  return createResponse(sent, status, { headers });
}

describe("a line in the course of time", () => {
  it("registers again after three quarters of what was granted, with one Call-ID and a rising CSeq", async () => {
    const t = await start((request) => respond(request, 200, [["Expires", "400"]]));
    t.login();
    await t.pass(1000);
    assert.deepEqual(
      t.asked.map(({ atSec }) => atSec),
      [0, 300, 600, 900],
    );
    assert.deepEqual(
      t.asked.map(({ cseq }) => cseq),
      [1, 3, 5, 7],
    );
    assert.deepEqual(t.notified, ["true"]);
    assert.equal(t.lines.find("a")?.registered, true);
  });

  it("goes by its own contact's time among several", async () => {
    const contacts = "<sip:100@10.9.9.9>;expires=3000, <sip:100@10.0.0.2>;expires=200";
    const t = await start((request) => respond(request, 200, [["Contact", contacts]]));
    t.login();
    await t.pass(200);
    assert.deepEqual(
      t.asked.map(({ atSec }) => atSec),
      [0, 150],
    );
  });

  it("tries again after half its interval when it was refused, and tells each change once", async () => {
    let status = 503;
    const t = await start((request) => respond(request, status));
    t.login({ interval: "120" });
    await t.pass(130);
    assert.deepEqual(
      t.asked.map(({ atSec }) => atSec),
      [0, 60, 120],
    );
    assert.deepEqual(t.notified, ["false noconn"]);
    status = 200;
    await t.pass(60);
    assert.deepEqual(t.notified, ["false noconn", "true"]);
  });

  it("asks for what the registrar wants at least when told 423", async () => {
    const t = await start((request) => {
      const expires = new Map(request.headers ?? []).get("Expires");
      return expires === "600" ? respond(request, 423, [["Min-Expires", "1800"]]) : respond(request, 200);
    });
    t.login();
    await t.pass(1);
    assert.deepEqual(
      t.asked.map(({ expires }) => expires),
      ["600", "1800"],
    );
    assert.deepEqual(t.notified, ["true"]);
  });

  it("keeps its way open behind a NAT, every 25 s", async () => {
    const t = await start((request) =>
      respond(request, 200, [], "SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKx;received=198.51.100.7;rport=4711"),
    );
    t.login();
    await t.pass(80);
    assert.deepEqual(t.pings, [4, 4, 4]);
  });

  it("leaves by an Expires of 0, and asks no more", async () => {
    const t = await start((request) => respond(request, 200));
    t.login();
    await t.pass(1);
    t.lines.login(t.engine.message("user.login", { account: "a", protocol: "sip", operation: "logout" }));
    await t.pass(2000);
    assert.deepEqual(
      t.asked.map(({ expires }) => expires),
      ["600", "0"],
    );
    assert.deepEqual(t.notified, ["true", "false"]);
    assert.equal(t.lines.find("a")?.registered, false);
  });

  it("is for SIP only, needs an account, and takes no operation that it does not know", async () => {
    const t = await start((request) => respond(request, 200));
    assert.equal(t.login({ protocol: "iax" }), false);
    assert.equal(t.login({ account: "" }), false);
    assert.equal(t.login({ operation: "dance" }), false);
    assert.equal(t.asked.length, 0);
  });
});
