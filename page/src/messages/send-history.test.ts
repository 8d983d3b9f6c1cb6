import assert from "node:assert/strict";
import { test } from "node:test";
import { rememberSent, sentMessages, type TextStore } from "./send-history.ts";
import type { ComposedMessage } from "./yayts-code.ts";

function memory(text?: string): TextStore {
  let kept = text ?? null;
  return {
    getItem: () => kept,
    setItem: (_, value) => {
      kept = value;
    },
  };
}

const message = (text: string): ComposedMessage => ({
  name: "chan.dtmf",
  params: [["text", text]],
  retvalue: "",
  enqueue: false,
});

test("the latest is the first, each is there once, and only so many are", () => {
  const store = memory();
  for (let i = 0; i < 30; i++) rememberSent(store, message(String(i)));
  rememberSent(store, message("15"));
  const texts = sentMessages(store).map(({ params }) => params[0]?.[1]);
  assert.equal(texts.length, 20);
  assert.deepEqual(texts.slice(0, 3), ["15", "29", "28"]);
  assert.equal(texts.filter((text) => text === "15").length, 1);
});

test("what is no list of messages counts as nothing", () => {
  assert.deepEqual(sentMessages(memory("{")), []);
  assert.deepEqual(sentMessages(memory("7")), []);
  assert.deepEqual(
    sentMessages(memory('[null,{"name":"x"},{"name":"x","retvalue":"","enqueue":false,"params":[[1,2]]}]')),
    [],
  );
});

test("a store that takes nothing is no matter", () => {
  const full: TextStore = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };
  assert.deepEqual(rememberSent(full, message("1")), [message("1")]);
});
