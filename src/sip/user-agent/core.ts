import type { Clock, Logger } from "../../base/index.ts";
import { createResponse } from "../create-message.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ServerTransaction, TransactionLayer } from "../transaction.ts";
import type { MessageExtras, UserAgentHandlers } from "../user-agent.ts";
import { formatSipMessage } from "../write-message.ts";
import type { Recent } from "./recent.ts";
import type { Session } from "./session.ts";

/** One header field to be. */
export type Pair = readonly [name: string, value: string];

/** What all parts of one user agent share. */
export interface Core {
  readonly clock: Clock;
  readonly layer: TransactionLayer;
  readonly handlers: UserAgentHandlers;
  readonly log: Logger;
  readonly t1Ms: number;
  readonly t2Ms: number;
  /** Option tags that we can do, lower case. */
  readonly supported: ReadonlySet<string>;
  /** `Allow` and `User-Agent`: what every request has. */
  readonly requestHeaders: readonly Pair[];
  /** `Allow` and `Server`: what every response but 100 has. */
  readonly responseHeaders: readonly Pair[];
  /** `Supported`: what INVITE, UPDATE and their 2xx have. */
  readonly supportedHeaders: readonly Pair[];
  /** Session timers are asked for with this interval in seconds; 0: not. */
  readonly sessionExpires: number;
  readonly live: Set<Session>;
  /** Sessions by their local tag, those that still have something to finish among them. */
  readonly byTag: Map<string, Session>;
  /** INVITEs that wait for a final response, for their CANCEL. */
  readonly cancellable: Map<ServerTransaction, (cancel: SipRequest) => void>;
  /** Call-IDs of calls of ours that are over, by their local tag: a late 2xx may still come. */
  readonly invited: Recent<string>;
  /** What gives up, when the user agent is closed, what still waits for a response. */
  readonly abandon: Set<() => void>;
  random(): string;
  contact(flow: SipFlow, user?: string): string;
}

/** 64 × T1: how long a transaction or a 2xx lives (RFC 3261 §17, §13.3.1.4). */
export const lifetimeMs = (core: Core): number => 64 * core.t1Ms;

/** FNV-1a and a finish that spreads it: 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** A number of 0 to below `limit` out of the random token that the user agent was given the making of. */
export const randomBelow = (core: Core, limit: number): number => hash(core.random()) % limit;

/** A response with what ours have: Allow, Server, and a To tag when the request came without. */
export function makeResponse(
  core: Core,
  request: SipRequest,
  status: number,
  extras: MessageExtras | undefined,
  more: readonly Pair[] = [],
  toTag?: string,
): SipResponse {
  const headers: Pair[] = [...core.responseHeaders, ...more];
  if (extras?.headers) for (const pair of extras.headers) headers.push(pair);
  const tag = toTag ?? (tagOf(request.headers, "to") ? undefined : core.random());
  return createResponse(request, status, { headers, reason: extras?.reason, body: extras?.body, toTag: tag });
}

/** Answers a request finally. */
export function answer(
  core: Core,
  transaction: ServerTransaction,
  status: number,
  extras?: MessageExtras,
  more?: readonly Pair[],
): void {
  if (!transaction.completed)
    transaction.respond(makeResponse(core, transaction.request, status, extras, more));
}

/** A response that nobody sent: for what timed out, broke, or could not be sent (RFC 3261 §8.1.3.1). */
export const madeUp = (request: SipRequest, status: number, reason?: string): SipResponse =>
  createResponse(request, status, { reason });

/** Answers a malformed request without a transaction; its repetitions get the same To tag (RFC 3261 §8.2.7). */
export function sendStateless(
  core: Core,
  request: SipRequest,
  flow: SipFlow,
  verdict: { readonly status: number; readonly reason: string },
): void {
  if (request.method === "ACK" || flow.closed) return;
  const tag = hash(`${request.headers.get("via")}${request.headers.get("call-id")}`).toString(36);
  flow.send(
    formatSipMessage(makeResponse(core, request, verdict.status, { reason: verdict.reason }, [], tag)),
  );
}

/** The body is an offer or an answer: SDP, perhaps among other parts. */
export function hasSdp(message: SipRequest | SipResponse): boolean {
  if (message.body.length === 0) return false;
  const type = message.headers.get("content-type")?.toLowerCase();
  return type === undefined || type.includes("sdp") || type.startsWith("multipart/");
}

/** Whether a handler gave a promise. */
export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
