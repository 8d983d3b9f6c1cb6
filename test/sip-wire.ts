import { type Clock, createManualClock, type Logger, type ManualClock } from "../src/base/index.ts";
import type { SessionHandlers } from "../src/sip/index.ts";
import {
  createRequest,
  createResponse,
  formatSipMessage,
  type InviteSession,
  type MessageExtras,
  type OutgoingInvite,
  parseSipMessage,
  type SessionEnd,
  type SipBody,
  type SipFlow,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type UserAgent,
} from "../src/sip/index.ts";
import type { UserAgentOptions } from "../src/sip/user-agent/create-user-agent.ts";
import { createUserAgent } from "../src/sip/user-agent/create-user-agent.ts";

/** Two ends of a wire in virtual time: what is sent at one is parsed and handed on at the other. */
export interface Wire {
  readonly a: SipFlow;
  readonly b: SipFlow;
  /** `a INVITE`, `b 180`: what was sent, lost or not, by whom. */
  readonly trace: string[];
  /** Whom messages that arrive at either end are for. */
  atA: (message: SipMessage) => void;
  atB: (message: SipMessage) => void;
  /** Says which messages are lost. */
  lose: (from: "a" | "b", message: SipMessage) => boolean;
  /** Breaks it, telling both ends. */
  cut(): void;
}

export function createWire(clock: Clock, options: { reliable?: boolean; delayMs?: number } = {}): Wire {
  const { reliable = false, delayMs = 5 } = options;
  let closed = false;
  const listeners = new Set<(error: Error) => void>();
  const end = (side: "a" | "b"): SipFlow => ({
    id: side,
    transport: reliable ? "TCP" : "UDP",
    reliable,
    local: { host: side === "a" ? "192.0.2.1" : "192.0.2.2", port: 5060 },
    remote: { host: side === "a" ? "192.0.2.2" : "192.0.2.1", port: 5060 },
    get closed() {
      return closed;
    },
    send(bytes) {
      if (closed) return;
      const parsed = parseSipMessage(bytes);
      if (parsed.kind === "garbage") throw new Error(`garbage was sent: ${parsed.flaw.what}`);
      const { message } = parsed;
      wire.trace.push(`${side} ${message.kind === "request" ? message.method : message.status}`);
      if (wire.lose(side, message)) return;
      clock.after(delayMs, () => (side === "a" ? wire.atB : wire.atA)(message));
    },
    onError(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  });
  const wire: Wire = {
    a: end("a"),
    b: end("b"),
    trace: [],
    atA() {},
    atB() {},
    lose: () => false,
    cut() {
      closed = true;
      for (const fn of [...listeners]) fn(new Error("the connection broke"));
    },
  };
  return wire;
}

/** Random numbers that are the same in each run (xorshift). */
export function seeded(seed: number): () => number {
  let state = (seed | 0) * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export const allMethods = [
  "INVITE",
  "ACK",
  "BYE",
  "CANCEL",
  "OPTIONS",
  "INFO",
  "REFER",
  "UPDATE",
  "PRACK",
  "MESSAGE",
  "NOTIFY",
];

/** A user agent with what every test wants. */
export function agent(
  clock: Clock,
  name: string,
  handlers: Partial<UserAgentOptions["handlers"]> = {},
  more: Partial<UserAgentOptions> = {},
): UserAgent {
  let count = 0;
  return createUserAgent({
    clock,
    handlers: {
      onInvite: (session) => {
        session.reject(486);
        return { onEnd() {} };
      },
      onRequest: (transaction) =>
        transaction.respond(createResponse(transaction.request, 200, { toTag: "t" })),
      ...handlers,
    },
    random: () => `${name}${++count}x${(count * 2654435761) >>> 0}`,
    contact: (flow, user = name) => `<sip:${user}@${flow.local.host}:${flow.local.port}>`,
    allow: allMethods,
    product: "yayts",
    ...more,
  });
}

/** Handlers that write down what they are told. */
export interface Told extends SessionHandlers {
  readonly events: string[];
  readonly ends: SessionEnd[];
}

export function told(more: Partial<SessionHandlers> = {}): Told {
  const events: string[] = [];
  const ends: SessionEnd[] = [];
  return {
    events,
    ends,
    ...more,
    onAck(ack) {
      events.push("ack");
      more.onAck?.(ack);
    },
    onProvisional(response) {
      events.push(String(response.status));
      more.onProvisional?.(response);
    },
    onAccepted(response) {
      events.push(String(response.status));
      return more.onAccepted?.(response);
    },
    onEnd(end) {
      events.push(end.detail ? `end ${end.kind} (${end.detail})` : `end ${end.kind}`);
      ends.push(end);
      more.onEnd?.(end);
    },
  };
}

export const sdp = (text = "v=0"): SipBody => ({
  type: "application/sdp",
  bytes: new TextEncoder().encode(`${text}\r\n`),
});

export const textOf = (message: SipMessage): string => new TextDecoder().decode(message.body).trim();

/** An agent at end b of a wire, and somebody who writes messages by hand at end a. */
export interface Scene {
  readonly clock: ManualClock;
  readonly wire: Wire;
  readonly agent: UserAgent;
  /** What came to the hand-written side and was not taken yet. */
  readonly inbox: SipMessage[];
  readonly logged: string[];
  /** Calls that came to the agent. */
  readonly calls: { readonly session: InviteSession; readonly told: Told }[];
  /** Sends by hand. */
  send(message: SipMessage): void;
  /** The next message of that method or status in the inbox, after at most `waitMs` of virtual time. */
  next<W extends string | number>(
    what: W,
    waitMs?: number,
  ): Promise<W extends number ? SipResponse : SipRequest>;
  /** Lets that time pass. */
  pass(ms: number): Promise<void>;
  /** A request by hand, in a dialog of Call-ID `call` with From tag `peer`. */
  request(
    method: string,
    fields?: MessageExtras & {
      toTag?: string;
      fromTag?: string;
      cseq?: number;
      callId?: string;
      branch?: string;
      uri?: string;
    },
  ): SipRequest;
  /** A call by the agent to the hand-written side. */
  call(more?: Partial<OutgoingInvite>): { session: InviteSession; told: Told };
}

export function scene(
  options: {
    reliable?: boolean;
    answer?: (session: InviteSession) => void;
    session?: Partial<SessionHandlers>;
    agent?: Partial<UserAgentOptions>;
    handlers?: Partial<UserAgentOptions["handlers"]>;
  } = {},
): Scene {
  const clock = createManualClock();
  const wire = createWire(clock, options.reliable === undefined ? {} : { reliable: options.reliable });
  const inbox: SipMessage[] = [];
  const calls: Scene["calls"] = [];
  const logged: string[] = [];
  const log: Logger = {
    debug() {},
    info() {},
    warn: (text) => void logged.push(text),
    error: (text) => void logged.push(text),
  };
  const ours = agent(
    clock,
    "agent",
    {
      onInvite(session) {
        const handlers = told(options.session);
        calls.push({ session, told: handlers });
        options.answer?.(session);
        return handlers;
      },
      ...options.handlers,
    },
    { log, ...options.agent },
  );
  wire.atB = (message) => ours.receive(message, wire.b);
  wire.atA = (message) => void inbox.push(message);
  let branches = 0;
  const is = (message: SipMessage, what: string | number): boolean =>
    (message.kind === "request" ? message.method : message.status) === what;
  return {
    clock,
    wire,
    agent: ours,
    inbox,
    calls,
    logged,
    send: (message) => wire.a.send(formatSipMessage(message)),
    async next<W extends string | number>(what: W, waitMs = 100) {
      for (let waited = 0; ; waited += 5) {
        const at = inbox.findIndex((message) => is(message, what));
        const found = inbox.splice(0, at + 1).at(-1);
        // what was looked for is what was found
        if (at >= 0 && found) return found as W extends number ? SipResponse : SipRequest;
        if (waited >= waitMs)
          throw new Error(
            `no ${what} came; ${inbox.map((one) => (one.kind === "request" ? one.method : one.status)).join(" ") || "nothing"} did`,
          );
        await clock.advance(5);
      }
    },
    pass: (ms) => clock.advance(ms),
    request(method, fields = {}) {
      const {
        toTag,
        fromTag = "peer",
        cseq = 1,
        callId = "call",
        branch = `z9hG4bKpeer${++branches}`,
      } = fields;
      return createRequest({
        method,
        uri: fields.uri ?? "sip:agent@192.0.2.2",
        headers: [
          ["Via", `SIP/2.0/UDP 192.0.2.1:5060;branch=${branch}`],
          ["Max-Forwards", "70"],
          ["From", `"Peer" <sip:peer@192.0.2.1>;tag=${fromTag}`],
          ["To", `<sip:agent@192.0.2.2>${toTag ? `;tag=${toTag}` : ""}`],
          ["Call-ID", callId],
          ["CSeq", `${cseq} ${method}`],
          ["Contact", "<sip:peer@192.0.2.1:5060>"],
          ...(fields.headers ?? []),
        ],
        body: fields.body,
      });
    },
    call(more = {}) {
      const handlers = told(more.handlers);
      const session = ours.invite({
        uri: "sip:peer@192.0.2.1",
        flow: wire.b,
        from: '"Agent" <sip:agent@192.0.2.2>',
        to: "<sip:peer@192.0.2.1>",
        contact: "<sip:agent@192.0.2.2:5060>",
        body: sdp("offer"),
        ...more,
        handlers,
      });
      return { session, told: handlers };
    },
  };
}
