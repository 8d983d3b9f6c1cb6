import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What lets a page in. */
export interface Tokens {
  /** For everything. */
  readonly full: string;
  /** For looking only; nobody can make the other one of it. */
  readonly view: string;
}

/** What a token allows. */
export type Right = "full" | "view";

const tokenBytes = 24;

/** A new token of 192 bits, in characters that a link takes. */
export function makeToken(): string {
  return randomBytes(tokenBytes).toString("base64url");
}

/** Whether a text can be a token: at least 128 bits. */
export function isToken(text: string): boolean {
  return /^[\w-]{22,64}$/.test(text);
}

/** The token and the one for looking that belongs to it. */
export function tokensOf(full: string): Tokens {
  const view = createHmac("sha256", full).update("yayts console: view").digest("base64url").slice(0, 32);
  return { full, view };
}

/** What a token that came from outside allows; takes the same time for every wrong one. */
export function rightOf(tokens: Tokens, given: string): Right | undefined {
  const full = same(tokens.full, given);
  const view = same(tokens.view, given);
  if (full) return "full";
  return view ? "view" : undefined;
}

function same(a: string, b: string): boolean {
  // Digests have one length, which the comparison needs, and which tells nothing of the token's.
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
