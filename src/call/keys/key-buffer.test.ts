import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock, type ManualClock, TimedOut } from "../../base/index.ts";
import { KeyBuffer } from "./key-buffer.ts";

function buffer(): { clock: ManualClock; keys: KeyBuffer } {
  const clock = createManualClock();
  return { clock, keys: new KeyBuffer(clock) };
}

test("keys are read in their order, each once, whether they come before or after they are asked for", async () => {
  const { keys } = buffer();
  keys.add("1");
  using reader = keys.open();
  assert.equal((await reader.next())?.key, "1");
  const later = reader.next();
  keys.add("2a");
  assert.deepEqual([(await later)?.key, (await reader.next())?.key], ["2", "A"]);
});

test("what is no key is passed over", () => {
  const { keys } = buffer();
  keys.add("1x é2");
  assert.equal(keys.flush(), "12");
});

test("the newest reader gets the keys, and the one before it again when it closes", async () => {
  const { keys } = buffer();
  const [first, second] = [keys.open(), keys.open()];
  const [toFirst, toSecond] = [first.next(), second.next()];
  keys.add("12");
  assert.equal((await toSecond)?.key, "1");
  assert.equal(toFirst.settled, false);
  second.close();
  assert.equal((await toFirst)?.key, "2");
  first.close();
});

test("a reader that is closed reads nothing more, and what it waited for ends", async () => {
  const { keys } = buffer();
  const reader = keys.open();
  const [next, seen] = [reader.next(), reader.sees(new Set(["1"] as const))];
  reader.close();
  reader.close();
  assert.deepEqual([await next, await seen], [undefined, false]);
  keys.add("1");
  assert.equal(await reader.next(), undefined);
  assert.equal(keys.flush(), "1");
});

test("sees tells that a key waits, reads it not, and looks only at keys of its own reader", async () => {
  const { keys } = buffer();
  const reader = keys.open();
  const seen = reader.sees(new Set(["#"] as const));
  keys.add("1");
  assert.equal(seen.settled, false);
  const inner = keys.open();
  keys.add("#");
  assert.equal(seen.settled, false, "the key is for the newer reader");
  inner.close();
  assert.equal(await seen, true);
  assert.equal(keys.flush(), "1#");
  reader.close();
});

test("what was typed before the hang-up can be read, then comes the end, for every reader", async () => {
  const { keys } = buffer();
  const [first, second] = [keys.open(), keys.open()];
  const [toFirst, seen] = [first.next(), first.sees(new Set(["5"] as const))];
  keys.add("7");
  keys.end();
  keys.add("8");
  assert.equal((await second.next())?.key, "7");
  assert.deepEqual([await second.next(), await toFirst, await seen], [undefined, undefined, false]);
  assert.equal(keys.flush(), "");
});

test("a reader waits as long as it is told, and leaves no timer", async () => {
  const { clock, keys } = buffer();
  using reader = keys.open();
  const late = assert.rejects(reader.next({ timeoutMs: 100 }), TimedOut);
  await clock.advance(100);
  await late;
  const inTime = reader.next({ timeoutMs: 100 });
  keys.add("3");
  assert.equal((await inTime)?.key, "3");
  assert.equal(clock.pending, 0);
});

test("256 unread keys are kept, the oldest go first", () => {
  const { keys } = buffer();
  keys.add("1".repeat(10));
  keys.add("2".repeat(256));
  assert.equal(keys.flush(), "2".repeat(256));
});

test("flushBefore keeps the first of the wanted keys and what follows", () => {
  const { keys } = buffer();
  keys.add("12#4");
  keys.flushBefore(new Set(["#"] as const));
  assert.deepEqual(
    keys.unread.map(({ key }) => key),
    ["#", "4"],
  );
  keys.flushBefore(new Set(["9"] as const));
  assert.deepEqual(keys.unread, []);
});

test("a forgiven key is left out if it is the next one and comes in time", async () => {
  const finish = new Set(["#"] as const);
  for (const [ahead, afterMs, then, left] of [
    ["#", 0, "", ""],
    ["", 900, "#1", "1"],
    ["", 1100, "#1", "#1"],
    ["1", 500, "#", "1#"],
    ["", 500, "1#", "1#"],
  ] as const) {
    const { clock, keys } = buffer();
    keys.add(ahead);
    keys.forgiveNext(finish, 1000);
    await clock.advance(afterMs);
    keys.add(then);
    assert.equal(keys.flush(), left, `${ahead}, then ${then} after ${afterMs} ms`);
  }
});

test("listeners hear each key as it comes, until they stop", () => {
  const { clock, keys } = buffer();
  const heard: string[] = [];
  const stop = keys.onKey(({ key, atMs }) => heard.push(`${key}@${atMs}`));
  keys.add("12");
  stop();
  keys.add("3");
  assert.deepEqual(heard, ["1@0", "2@0"]);
  assert.equal(clock.pending, 0);
});
