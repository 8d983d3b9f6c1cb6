import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConferenceEvent, EventLoop } from "./events.ts";

const closed: ConferenceEvent = { kind: "closed" };

test("events are kept for a loop that is busy, the newest thousand", async () => {
  const loop = new EventLoop(() => {});
  for (let n = 0; n < 1001; n++) loop.push({ kind: "recording", target: `${n}` });
  assert.deepEqual(await loop.next(), { done: false, value: { kind: "recording", target: "1" } });
});

test("one who waits is told of the end, and what was kept before it is still read", async () => {
  let left = 0;
  const loop = new EventLoop(() => left++);
  const [first, second] = [loop.next(), loop.next()];
  loop.push(closed);
  loop.end();
  loop.end();
  loop.push(closed);
  assert.deepEqual(await first, { done: false, value: closed });
  assert.deepEqual(await second, { done: true, value: undefined });
  const kept = new EventLoop(() => {});
  kept.push(closed);
  kept.end();
  assert.equal((await kept.next()).done, false);
  assert.equal((await kept.next()).done, true);
  assert.equal(left, 1);
});

test("leaving the loop ends it", async () => {
  let left = false;
  const loop = new EventLoop(() => {
    left = true;
  });
  loop.push(closed);
  loop.push(closed);
  for await (const event of loop) {
    assert.equal(event.kind, "closed");
    break;
  }
  assert.equal(left, true);
  assert.equal((await loop.next()).done, true);
});
