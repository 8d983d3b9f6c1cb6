import assert from "node:assert/strict";
import { test } from "node:test";
import { randomToken } from "./token.ts";

test("tokens are 16 hexadecimal digits each, and none comes twice", () => {
  const tokens = Array.from({ length: 10_000 }, () => randomToken());
  for (const token of tokens) assert.match(token, /^[0-9a-f]{16}$/);
  assert.equal(new Set(tokens).size, tokens.length);
});

test("every digit of a token is as likely as any other", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 10_000; i++)
    for (const digit of randomToken()) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  assert.equal(counts.size, 16);
  // 10,000 of each are expected; six times the standard deviation of about 97.
  for (const count of counts.values()) assert.ok(Math.abs(count - 10_000) < 600, String(count));
});
