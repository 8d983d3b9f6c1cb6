import { parseCSeq } from "../cseq.ts";
import type { SipHeaders } from "../headers.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { Credentials } from "../user-agent.ts";
import type { Core } from "./core.ts";
import type { SessionTimer } from "./session-timer.ts";

const maxStale = 2;
const maxIntervals = 3;

/** What one request has been through: which challenges it has answered, which session intervals it has asked for. */
export class Retry {
  readonly #core: Core;
  readonly #credentials: Credentials | undefined;
  readonly #timer: SessionTimer | undefined;
  readonly #realms = new Set<string>();
  #stale = 0;
  #intervals = 0;

  constructor(core: Core, credentials: Credentials | undefined, timer?: SessionTimer) {
    this.#core = core;
    this.#credentials = credentials;
    this.#timer = timer;
  }

  /**
   * The request to send after that response, with the CSeq given; nothing when the response is the last word. Each realm's challenge is
   * answered once, and again when it says that only the nonce was too old (RFC 3261 §22.2); 422 raises the interval (RFC 4028 §7.3).
   */
  next(request: SipRequest, response: SipResponse, cseq: () => number): SipRequest | undefined {
    const headers = this.#revised(request, response);
    if (!headers) return undefined;
    headers.delete("via");
    headers.set("CSeq", `${cseq()} ${request.method}`);
    return { ...request, headers };
  }

  #revised(request: SipRequest, response: SipResponse): SipHeaders | undefined {
    switch (response.status) {
      case 401:
        return this.#authorized(request, response, "www-authenticate", "authorization");
      case 407:
        return this.#authorized(request, response, "proxy-authenticate", "proxy-authorization");
      case 422: {
        const raised = this.#timer?.tooSmall(response);
        if (!raised || ++this.#intervals > maxIntervals) return undefined;
        const headers = request.headers.clone();
        for (const [name, value] of raised) headers.set(name, value);
        return headers;
      }
      default:
        return undefined;
    }
  }

  #authorized(
    request: SipRequest,
    response: SipResponse,
    challengeName: string,
    answerName: string,
  ): SipHeaders | undefined {
    if (!this.#credentials) return undefined;
    const challenge = response.headers.get(challengeName);
    if (challenge === undefined) return undefined;
    const realm = `${response.status} ${realmOf(challenge)}`;
    if (this.#realms.has(realm)) {
      if (!/\bstale\s*=\s*"?true/i.test(challenge) || ++this.#stale > maxStale) return undefined;
    }
    this.#realms.add(realm);
    const field = this.#field(request, response);
    if (!field) return undefined;
    const headers = request.headers.clone();
    const others = headers
      .all(answerName)
      .filter((value) => `${response.status} ${realmOf(value)}` !== realm);
    headers.delete(answerName);
    for (const other of others) headers.add(field[0], other);
    headers.add(field[0], field[1]);
    return headers;
  }

  #field(request: SipRequest, challenge: SipResponse): readonly [name: string, value: string] | undefined {
    try {
      return this.#credentials?.(request, challenge);
    } catch (error) {
      this.#core.log.error("sip: credentials failed", { error });
      return undefined;
    }
  }
}

const realmOf = (value: string): string => /\brealm\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(value)?.[1] ?? "";

/** The number of a message's CSeq. */
export const cseqOf = (message: SipRequest | SipResponse): number =>
  parseCSeq(message.headers.get("cseq") ?? "")?.number ?? 0;
