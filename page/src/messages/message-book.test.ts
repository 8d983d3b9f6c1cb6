import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourcedRecord } from "../../../src/trace/index.ts";
import { MessageBook } from "./message-book.ts";

function batch(from: number, count: number, source = "engine"): SourcedRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    source: { kind: "engine", name: source },
    record: {
      kind: "message",
      seq: from + i,
      atMs: from + i,
      name: "chan.notify",
      sender: "",
      handled: false,
      retvalue: "",
      params: [],
      steps: [],
      next: [],
    },
  }));
}

const seqs = (book: MessageBook) => book.rows.map(({ record }) => record.seq);

test("keeps the latest, and no more than it may by far", () => {
  const book = new MessageBook(1000);
  for (let from = 0; from < 20_000; from += 25) {
    book.add(batch(from, 25));
    assert.ok(book.rows.length <= 1500);
  }
  assert.ok(book.rows.length >= 1000);
  assert.equal(seqs(book).at(-1), 19_999);
});

test("what comes while it is paused is counted and shown later, in its order", () => {
  const book = new MessageBook();
  book.add(batch(0, 3));
  book.pause();
  book.add(batch(3, 2));
  book.add(batch(5, 1));
  assert.deepEqual(seqs(book), [0, 1, 2]);
  assert.equal(book.asideCount, 3);
  book.showAside();
  assert.deepEqual(seqs(book), [0, 1, 2, 3, 4, 5]);
  assert.equal(book.asideCount, 0);
  assert.ok(book.paused);
  book.add(batch(6, 1));
  assert.equal(book.asideCount, 1);
  book.resume();
  assert.deepEqual(seqs(book), [0, 1, 2, 3, 4, 5, 6]);
});

test("a long pause needs no more memory than a short one", () => {
  const book = new MessageBook(100);
  book.add(batch(0, 10));
  book.pause();
  for (let from = 10; from < 5010; from += 10) book.add(batch(from, 10));
  assert.equal(book.asideCount, 5000);
  book.resume();
  assert.ok(book.rows.length <= 600);
  assert.equal(seqs(book).at(-1), 5009);
});

test("a backlog that comes while it is paused leaves what is shown, and takes its place later", () => {
  const book = new MessageBook();
  book.add(batch(0, 10));
  book.pause();
  book.add(batch(10, 1));
  book.add(batch(5, 10));
  assert.equal(book.rows.length, 10);
  assert.equal(book.asideCount, 10);
  book.resume();
  assert.deepEqual(seqs(book), [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});

test("a backlog that comes again takes the place of what was there", () => {
  const book = new MessageBook();
  book.add(batch(0, 10));
  book.add(batch(10, 5, "console"));
  book.add(batch(4, 8));
  assert.deepEqual(seqs(book), [4, 5, 6, 7, 8, 9, 10, 11]);
});

test("numbers of rows are never used again, also after clearing", () => {
  const book = new MessageBook();
  book.add(batch(0, 4));
  book.clear();
  assert.equal(book.rows.length, 0);
  book.add(batch(4, 1));
  assert.equal(book.rows[0]?.n, 4);
});
