import type { Clock } from "../base/index.ts";
import {
  type DigestAlgorithm,
  type DigestCredentials,
  type DigestHasher,
  digestHa1,
  digestResponse,
  formatDigest,
  parseAuthorization,
} from "./digest.ts";
import type { SipRequest } from "./message.ts";

export interface DigestServerOptions extends DigestHasher {
  readonly realm: string;
  readonly clock: Clock;
  /** What nobody else knows: nonces are recognized by it, without being stored. */
  readonly secret: string;
  /** Default 10,000 (spec/sip.md §9). Whole seconds. */
  readonly nonceLifeMs?: number | undefined;
  /**
   * True: a second challenge, with SHA-256, follows the one with MD5: peers that read the first only (SIPp, sipsak) still answer.
   * `first`: it comes before it, as RFC 8760 §2.3 has it for peers that prefer what comes first. Default false.
   */
  readonly sha256?: boolean | "first" | undefined;
  /** Whether qop="auth" is offered; it is taken either way. Default false. */
  readonly qop?: boolean | undefined;
  /** Right answers remembered for the life of their nonce, against replay. Default 50,000. */
  readonly remembered?: number | undefined;
}

export interface ChallengeOptions {
  /** The credentials were right, only their nonce cannot be used any more: the user need not be asked for a password again. */
  readonly stale?: boolean | undefined;
  /** For what the credentials count (RFC 7616 §3.3 `domain`). */
  readonly domain?: string | undefined;
}

export interface DigestCheck {
  readonly credentials: DigestCredentials;
  /** What they came in. */
  readonly request: SipRequest;
  /** The user's password, or `ha1`. */
  readonly password?: string | undefined;
  /** H(username:realm:password) of the credentials' algorithm. */
  readonly ha1?: string | undefined;
  /** Who sent it, as its flow and address: a copy of the request from elsewhere is then told from it. */
  readonly from?: string | undefined;
}

/**
 * `stale`: right, but too old. `replay`: right, but they came with another request already; to be challenged as stale is, which a
 * client that knows the password answers by itself. `ageSec`: of the nonce.
 */
export interface DigestVerdict {
  readonly kind: "right" | "wrong" | "stale" | "replay";
  readonly ageSec: number;
}

/** Challenges requests and checks their credentials. */
export interface DigestServer {
  /** Values of WWW-Authenticate or Proxy-Authenticate, each for a field of its own. The nonces are new. */
  challenges(options?: ChallengeOptions): string[];
  /** The first credentials among header values whose nonce is one of ours, however old. */
  credentials(values: Iterable<string>): DigestCredentials | undefined;
  /**
   * Whether they prove the password. The URI and realm are those of the credentials (spec/sip.md §9): proxies rewrite the Request-URI, so it
   * is not compared. Asked again about the same request, it answers the same; and a client that was offered no
   * qop may send what it has sent before in later requests of the same call or registration.
   */
  verify(check: DigestCheck): DigestVerdict;
  /** How many right answers are remembered. */
  readonly size: number;
}

interface Used {
  /** Flow and Call-ID. */
  readonly by: string;
  readonly cseq: number;
  readonly via: string;
  readonly issuedSec: number;
}

export function createDigestServer(options: DigestServerOptions): DigestServer {
  const { realm, clock, secret, nonceLifeMs = 10_000, remembered = 50_000 } = options;
  const algorithms: DigestAlgorithm[] = ["MD5"];
  if (options.sha256 === "first") algorithms.unshift("SHA-256");
  else if (options.sha256) algorithms.push("SHA-256");
  const lifeSec = Math.ceil(nonceLifeMs / 1000);
  /** Right answers, by what is hashed into them, in the order they came. */
  const used = new Map<string, Used>();
  /** Nonces of before count as too old: answers with them are not remembered any more. */
  let forgottenSec = Number.NEGATIVE_INFINITY;
  let made = 0;

  const nowSec = (): number => Math.floor(clock.now() / 1000);
  /** Two hashes, the outer over a fixed length, so that nothing can be appended (as HMAC, RFC 2104). */
  const seal = (salt: string, issued: string): string =>
    options.hash("MD5", `${secret}:${options.hash("MD5", `${secret}:${salt}:${issued}`)}`).slice(0, 24);
  /** `<32 hex digits>.<unix seconds>` (spec/sip.md §9). Each is another one, so that what is right twice was sent twice. */
  const makeNonce = (): string => {
    const issued = String(nowSec());
    made = (made + 1) % 2 ** 32;
    const salt = made.toString(16).padStart(8, "0");
    return `${salt}${seal(salt, issued)}.${issued}`;
  };
  /** When a nonce was made; undefined if not by us. */
  const issuedOf = (nonce: string): number | undefined => {
    const [, salt, sealed, issued] = /^([\da-f]{8})([\da-f]{24})\.(\d{1,12})$/.exec(nonce) ?? [];
    if (salt === undefined || sealed === undefined || issued === undefined) return undefined;
    return sameText(seal(salt, issued), sealed) ? Number(issued) : undefined;
  };

  const forget = (): void => {
    const oldest = nowSec() - lifeSec;
    for (const [key, { issuedSec }] of used) {
      const full = used.size >= remembered;
      if (issuedSec >= oldest && !full) break;
      used.delete(key);
      if (full) forgottenSec = Math.max(forgottenSec, issuedSec);
    }
  };

  const isRight = ({ credentials, request, password, ha1 }: DigestCheck): boolean => {
    const algorithm = algorithms.find((name) => name === credentials.algorithm.toUpperCase());
    if (!algorithm) return false;
    const { username, realm: ownRealm, nonce, uri, cnonce, nc } = credentials;
    const qop = credentials.qop?.toLowerCase();
    if (qop && ((qop !== "auth" && qop !== "auth-int") || !cnonce || !/^[\da-f]{8}$/i.test(nc ?? "")))
      return false;
    const key = ha1 ?? digestHa1(options, algorithm, { username, realm: ownRealm, password: password ?? "" });
    const { method, body } = request;
    const parts = { algorithm, username, realm: ownRealm, nonce, method, uri, qop, nc, cnonce, body };
    return sameText(digestResponse(options, key, parts), credentials.response.toLowerCase());
  };

  return {
    get size() {
      return used.size;
    },
    challenges({ stale = false, domain } = {}) {
      return algorithms.map((algorithm) =>
        formatDigest([
          ["realm", realm, true],
          ["domain", domain, true],
          ["nonce", makeNonce(), true],
          ["stale", stale ? "TRUE" : "FALSE", false],
          ["algorithm", algorithm, false],
          ["qop", options.qop ? "auth" : undefined, true],
        ]),
      );
    },
    credentials(values) {
      for (const value of values) {
        const credentials = parseAuthorization(value);
        if (credentials && issuedOf(credentials.nonce) !== undefined) return credentials;
      }
      return undefined;
    },
    verify(check) {
      const { credentials, request, from = "" } = check;
      const issuedSec = issuedOf(credentials.nonce);
      if (issuedSec === undefined) return { kind: "wrong", ageSec: 0 };
      const ageSec = nowSec() - issuedSec;
      if (!isRight(check)) return { kind: "wrong", ageSec };
      // A negative age: the machine's clock was set back.
      if (ageSec > lifeSec || ageSec < 0) return { kind: "stale", ageSec };
      const key = `${credentials.nonce} ${credentials.nc ?? ""} ${credentials.response.toLowerCase()}`;
      const by = `${from} ${request.headers.get("Call-ID") ?? ""}`;
      const { cseq, via } = placeOf(request);
      const before = used.get(key);
      if (before) {
        // Without qop the same nonce gives the same response again: then only a later request of the same sender and call may bring it.
        const same = before.by === by && before.cseq === cseq && before.via === via;
        const later = before.by === by && cseq > before.cseq && credentials.qop === undefined;
        if (!same && !later) return { kind: "replay", ageSec };
        used.set(key, { ...before, cseq, via });
        return { kind: "right", ageSec };
      }
      if (issuedSec <= forgottenSec) return { kind: "stale", ageSec };
      forget();
      used.set(key, { by, cseq, via, issuedSec });
      return { kind: "right", ageSec };
    },
  };
}

/**
 * What tells the requests of one call apart. Repetitions of one never come here, its transaction answers them; so the same credentials in another
 * transaction were sent again by somebody, be it with the same Call-ID and CSeq.
 */
function placeOf({ headers }: SipRequest): { readonly cseq: number; readonly via: string } {
  return { cseq: Number.parseInt(headers.get("CSeq") ?? "", 10) || 0, via: headers.get("Via") ?? "" };
}

/** Compares without telling by its time where they differ. */
function sameText(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let differs = 0;
  for (let at = 0; at < one.length; at++) differs |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return differs === 0;
}
