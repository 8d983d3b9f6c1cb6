import { randomFillSync } from "node:crypto";

const tokenBytes = 8;

/** Asked of the system at once: each request for random bytes costs more than a message does elsewhere. */
const pool: Buffer = Buffer.alloc(tokenBytes * 128);
let used = pool.length;

/** 64 random bits as 16 hexadecimal digits: for tags, branches, Call-IDs, nonces of clients. No two are alike, and none can be guessed. */
export function randomToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const token = pool.toString("hex", used, used + tokenBytes);
  // What was given out is not kept.
  pool.fill(0, used, used + tokenBytes);
  used += tokenBytes;
  return token;
}
