import {
  type DigestAlgorithm,
  type DigestChallenge,
  type DigestHasher,
  digestHa1,
  digestResponse,
  formatDigest,
  parseChallenge,
} from "./digest.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import type { Credentials } from "./user-agent.ts";

export interface DigestUser extends DigestHasher {
  readonly username: string;
  readonly password: string;
  /** Random text of letters and digits, another each time. */
  cnonce(): string;
}

export interface ChallengeAnswer extends DigestUser {
  /** A 401 or 407. */
  readonly challengeResponse: SipResponse;
  /** What was challenged, or will be sent again; its body counts for qop=auth-int. */
  readonly request: Pick<SipRequest, "method" | "uri" | "body">;
  /** How many requests were answered with a nonce, this one counted. Default: the first. */
  nonceCount?(nonce: string): number;
}

/**
 * The header that answers a challenge: of several the one with the strongest algorithm (RFC 8760 §2.4), with qop=auth where offered, auth-int
 * if only that is. Undefined when none can be answered: another scheme, an unknown algorithm or qop.
 */
export function answerChallenge(
  options: ChallengeAnswer,
): readonly [name: string, value: string] | undefined {
  const { challengeResponse, request, username, password } = options;
  const proxy = challengeResponse.status === 407;
  const chosen = strongest(challengeResponse.headers.all(proxy ? "Proxy-Authenticate" : "WWW-Authenticate"));
  if (!chosen) return undefined;
  const { challenge, algorithm, session, qop } = chosen;
  const { realm, nonce, opaque } = challenge;
  const counted = qop !== undefined;
  const nc = counted ? (options.nonceCount?.(nonce) ?? 1).toString(16).padStart(8, "0") : undefined;
  const cnonce = counted || session ? options.cnonce() : undefined;
  const { method, uri, body } = request;
  const ha1 = digestHa1(options, algorithm, { username, realm, password });
  const parts = { algorithm, session, username, realm, nonce, method, uri, qop, nc, cnonce, body };
  const value = formatDigest([
    ["username", username, true],
    ["realm", realm, true],
    ["nonce", nonce, true],
    ["uri", uri, true],
    ["response", digestResponse(options, ha1, parts), true],
    // As it was written: a challenge without gets an answer without (RFC 2069 servers know no such parameter).
    ["algorithm", challenge.params.get("algorithm"), false],
    ["cnonce", cnonce, true],
    ["opaque", opaque, true],
    ["qop", qop, false],
    ["nc", nc, false],
  ]);
  return [proxy ? "Proxy-Authorization" : "Authorization", value];
}

/** A user's answers to all challenges, for calls and registrations: counts how often each nonce was used (RFC 7616 §3.4, nc). */
export function createCredentials(user: DigestUser): Credentials {
  /** The most recent last. */
  const uses = new Map<string, number>();
  const nonceCount = (nonce: string): number => {
    const count = (uses.get(nonce) ?? 0) + 1;
    uses.delete(nonce);
    uses.set(nonce, count);
    const [oldest] = uses.keys();
    if (uses.size > 16 && oldest !== undefined) uses.delete(oldest);
    return count;
  };
  return (request, challengeResponse) => answerChallenge({ ...user, request, challengeResponse, nonceCount });
}

interface Answerable {
  readonly challenge: DigestChallenge;
  readonly algorithm: DigestAlgorithm;
  readonly session: boolean;
  readonly qop: "auth" | "auth-int" | undefined;
}

function strongest(values: readonly string[]): Answerable | undefined {
  const found = values.flatMap((value) => answerable(parseChallenge(value)) ?? []);
  return found.find(({ algorithm }) => algorithm === "SHA-256") ?? found[0];
}

function answerable(challenge: DigestChallenge | undefined): Answerable | undefined {
  const named = /^(MD5|SHA-256)(-sess)?$/i.exec(challenge?.algorithm ?? "");
  if (!challenge || !named) return undefined;
  const { qop: offered } = challenge;
  const qop = (["auth", "auth-int"] as const).find((one) => offered.includes(one));
  if (offered.length > 0 && !qop) return undefined;
  const algorithm = named[1]?.toUpperCase() === "MD5" ? "MD5" : "SHA-256";
  return { challenge, algorithm, session: named[2] !== undefined, qop };
}
