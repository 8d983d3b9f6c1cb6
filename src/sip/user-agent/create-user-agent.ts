import { type Clock, type Logger, silentLogger } from "../../base/index.ts";
import { requestVerdict } from "../check-message.ts";
import { createRequest } from "../create-message.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ServerTransaction } from "../transaction.ts";
import { createTransactionLayer } from "../transactions/layer.ts";
import { defaultSipTimers, type SipTimers } from "../transactions/timers.ts";
import type {
  InviteSession,
  MessageExtras,
  OutgoingInvite,
  OutgoingRequest,
  UserAgent,
  UserAgentHandlers,
} from "../user-agent.ts";
import { allowHeader, InviteMark, mergeKey, RequestMark, refusalOf } from "./checks.ts";
import { answer, type Core, lifetimeMs, type Pair, sendStateless } from "./core.ts";
import { exchange } from "./exchange.ts";
import { IncomingSession } from "./incoming-session.ts";
import { OutgoingSession } from "./outgoing-session.ts";
import { Recent } from "./recent.ts";
import { Retry } from "./retry.ts";
import { tooShort } from "./session-timer.ts";
import { createStrays } from "./strays.ts";

/** What a user agent needs. */
export interface UserAgentOptions {
  readonly clock: Clock;
  readonly handlers: UserAgentHandlers;
  /** A new token each time, of at least 64 random bits: tags, Call-IDs, branches are made of it. */
  random(): string;
  /** Our Contact value, as `<sip:user@host:port>`, for what goes over that flow. */
  contact(flow: SipFlow, user?: string): string;
  /** The methods that are served; all others are answered 501. */
  readonly allow: readonly string[];
  /**
   * Option tags. Default `timer`, `replaces`, `100rel`, `norefersub`. Without `timer` or `100rel` that extension is off; `100rel` is left
   * out when `allow` has no PRACK.
   */
  readonly supported?: readonly string[] | undefined;
  /** Value of User-Agent and Server. Default: neither is sent. */
  readonly product?: string | undefined;
  /** Session timers (RFC 4028) are asked for with this interval in seconds, at least 90; 0: not. Default 1800. */
  readonly sessionExpires?: number | undefined;
  /** Times of RFC 3261 §17; default T1 500 ms, T2 4 s, T4 5 s. */
  readonly timers?: Partial<SipTimers> | undefined;
  /** New calls above this number of sessions are answered 503. Default: no limit. */
  readonly maxSessions?: number | undefined;
  /** Passed to the transaction layer. */
  readonly maxTransactions?: number | undefined;
  readonly log?: Logger | undefined;
}

/** Of what was asked lately no more is remembered, however many come. */
const maxRecent = 200_000;
/** Nobody forks a request with a Call-ID longer than that to us. */
const maxKeyLength = 500;

/** The core above the transactions: dialogs, calls and requests (RFC 3261 §8, §12–§15). Pure: time is the clock's. */
export function createUserAgent(options: UserAgentOptions): UserAgent {
  const { clock, handlers } = options;
  const log = options.log ?? silentLogger;
  const timers: SipTimers = { ...defaultSipTimers, ...options.timers };
  const allow = new Set(options.allow);
  const supported = (options.supported ?? ["timer", "replaces", "100rel", "norefersub"]).filter(
    (tag) => tag.toLowerCase() !== "100rel" || allow.has("PRACK"),
  );
  const product = options.product;
  const allowPair = allowHeader(options.allow);
  const layer = createTransactionLayer({
    clock,
    log,
    random: () => options.random(),
    timers,
    maxTransactions: options.maxTransactions,
    handlers: {
      onRequest: (transaction) => onRequest(transaction),
      onCancel: (invite, cancel) => core.cancellable.get(invite)?.(cancel),
      onAck(ack, flow) {
        const session = core.byTag.get(tagOf(ack.headers, "to"));
        if (session?.callId === ack.headers.get("call-id")) session?.receiveAck(ack, flow);
      },
      onStrayResponse: (response, flow) => strays.receive(response, flow),
      onResponseFailed(transaction, error) {
        const { response } = transaction;
        if (response) core.byTag.get(tagOf(response.headers, "to"))?.responseFailed(transaction, error);
      },
    },
  });
  const core: Core = {
    clock,
    layer,
    handlers,
    log,
    t1Ms: timers.t1Ms,
    t2Ms: timers.t2Ms,
    supported: new Set(supported.map((tag) => tag.toLowerCase())),
    requestHeaders: product === undefined ? [allowPair] : [allowPair, ["User-Agent", product]],
    responseHeaders: product === undefined ? [allowPair] : [allowPair, ["Server", product]],
    supportedHeaders: supported.length > 0 ? [["Supported", supported.join(", ")]] : [],
    sessionExpires: options.sessionExpires ?? 1800,
    live: new Set(),
    byTag: new Map(),
    cancellable: new Map(),
    abandon: new Set(),
    invited: new Recent(clock, 64 * timers.t1Ms, () => false),
    random: () => options.random(),
    contact: (flow, user) => options.contact(flow, user),
  };
  const recent = new Recent<{ readonly blocks: boolean; readonly pending: boolean }>(
    clock,
    lifetimeMs(core),
    (mark) => mark.pending,
  );
  const strays = createStrays(core);
  let stopped = false;

  function onRequest(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const refusal = refusalOf(core, allow, request);
    if (refusal) {
      answer(core, transaction, refusal.status, refusal);
      return;
    }
    const toTag = tagOf(request.headers, "to");
    if (toTag) {
      const session = core.byTag.get(toTag);
      if (session && session.callId === request.headers.get("call-id")) session.receive(transaction);
      else stranger(transaction);
      return;
    }
    if (["BYE", "PRACK", "UPDATE"].includes(request.method)) {
      stranger(transaction);
      return;
    }
    const key = mergeKey(request);
    if (recent.get(key)?.blocks) {
      answer(core, transaction, 482);
      return;
    }
    const isInvite = request.method === "INVITE";
    const mark = isInvite ? new InviteMark() : new RequestMark(transaction);
    if (recent.size < maxRecent && key.length <= maxKeyLength) recent.set(key, mark);
    if (mark instanceof InviteMark) {
      onInvite(transaction, mark);
      return;
    }
    try {
      handlers.onRequest(transaction);
    } catch (error) {
      log.error("sip: the handler of a request failed", { method: request.method, from: flow.remote, error });
      answer(core, transaction, 500);
    }
  }

  function stranger(transaction: ServerTransaction): void {
    answer(core, transaction, 481);
    try {
      handlers.onStranger?.(transaction.request, transaction.flow);
    } catch (error) {
      log.error("sip: the handler of a request failed", { method: transaction.request.method, error });
    }
  }

  function onInvite(transaction: ServerTransaction, mark: InviteMark): void {
    if (stopped || core.live.size >= (options.maxSessions ?? Number.POSITIVE_INFINITY)) {
      mark.answered(503);
      answer(core, transaction, 503, { headers: [["Retry-After", "5"]] });
      return;
    }
    const refusal = tooShort(core, transaction.request);
    if (refusal) {
      mark.answered(refusal.status);
      answer(core, transaction, refusal.status, refusal);
      return;
    }
    const session = new IncomingSession(core, transaction, mark);
    try {
      session.begin(handlers.onInvite(session, transaction));
    } catch (error) {
      log.error("sip: the handler of a call failed", { callId: session.callId, error });
      session.begin(undefined);
      session.reject(500);
    }
    session.answeredElsewhere();
  }

  return {
    receive(message: SipRequest | SipResponse, flow: SipFlow): void {
      const verdict = message.kind === "request" ? requestVerdict(message) : undefined;
      if (message.kind !== "request" || !verdict) layer.receive(message, flow);
      else sendStateless(core, message, flow, verdict);
    },

    invite(invite: OutgoingInvite): InviteSession {
      const session = new OutgoingSession(core, invite);
      session.start();
      void Promise.resolve().then(() => session.begin(invite.handlers));
      return session;
    },

    request(outgoing: OutgoingRequest): Promise<SipResponse> {
      const request = requestOf(core, outgoing);
      let cseq = outgoing.cseq ?? 1;
      return new Promise((done) =>
        exchange(core, {
          request,
          flow: outgoing.flow,
          retry: new Retry(core, outgoing.credentials),
          nextCSeq: () => ++cseq,
          done,
        }),
      );
    },

    respond(transaction: ServerTransaction, status: number, extras?: MessageExtras): void {
      answer(core, transaction, status, extras);
    },

    find(callId: string, localTag: string, remoteTag: string): InviteSession | undefined {
      const session = core.byTag.get(localTag);
      const there = session && session.state !== "ended" && session.callId === callId;
      return there && session.dialogWith(remoteTag) ? session : undefined;
    },

    get sessions(): ReadonlySet<InviteSession> {
      return core.live;
    },

    get transactions(): number {
      return layer.size;
    },

    stop(): void {
      stopped = true;
      for (const session of [...core.live]) session.end();
    },

    close(): void {
      stopped = true;
      for (const session of [...core.byTag.values()]) session.drop();
      layer.stop();
      for (const abandon of [...core.abandon]) abandon();
      recent.clear();
      core.invited.clear();
      strays.clear();
    },
  };
}

function requestOf(core: Core, outgoing: OutgoingRequest): SipRequest {
  const headers: Pair[] = [];
  for (const route of outgoing.route ?? []) headers.push(["Route", route]);
  headers.push(
    ["Max-Forwards", String(outgoing.maxForwards ?? 70)],
    ["From", `${outgoing.from};tag=${outgoing.fromTag ?? core.random()}`],
    ["To", outgoing.to],
    ["Call-ID", outgoing.callId ?? core.random()],
    ["CSeq", `${outgoing.cseq ?? 1} ${outgoing.method}`],
  );
  if (outgoing.contact !== undefined) headers.push(["Contact", outgoing.contact]);
  headers.push(...core.requestHeaders);
  for (const pair of outgoing.headers ?? []) headers.push(pair);
  return createRequest({ method: outgoing.method, uri: outgoing.uri, headers, body: outgoing.body });
}
