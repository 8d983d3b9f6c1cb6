import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeysBench } from "../../../test/keys-bench.ts";
import type { Done, Failed, HangUp } from "../outcomes.ts";
import { type Pressed, type SendDtmfOptions, sendDtmf } from "./send-dtmf.ts";

interface Phone {
  readonly party?: string;
  readonly here?: boolean;
  /** The engine's answer to a key; undefined when it is gone. */
  answer?(key: string): boolean | undefined;
  readonly hangUpAtMs?: number;
}

/** Presses keys for a phone; tells what it got and when. */
async function pressing(
  keys: string,
  options: SendDtmfOptions = {},
  { party = "sip/1", here = true, answer = () => true, hangUpAtMs }: Phone = {},
): Promise<{ outcome: Done | HangUp | Failed; atMs: number; sent: string[]; overrides: string[] }> {
  const bench = createKeysBench();
  const sent: string[] = [];
  const overrides: string[] = [];
  if (hangUpAtMs === 0) bench.hangUp();
  else if (hangUpAtMs !== undefined) bench.hangUpAt(hangUpAtMs);
  const pressed: Pressed = {
    begin: () => bench.asked.begin(),
    clock: bench.clock,
    ended: bench.asked.ended,
    here,
    leg: "dumb/1",
    party,
    get over() {
      return bench.asked.over;
    },
    async masquerade(id, message, { targetid, text, duration, override }) {
      if (override !== undefined) {
        assert.deepEqual([id, message], [party, "chan.attach"]);
        overrides.push(`${override}@${bench.clock.monotonicMs()}`);
        return { handled: true };
      }
      assert.deepEqual([id, message, targetid], ["dumb/1", "chan.dtmf", party]);
      const handled = answer(String(text));
      if (handled === undefined) {
        bench.hangUp();
        return undefined;
      }
      sent.push(`${text}@${bench.clock.monotonicMs()}${duration === undefined ? "" : `/${duration}`}`);
      return { handled };
    },
  };
  return { ...(await bench.run(sendDtmf(pressed, keys, options))), sent, overrides };
}

test("each key has a message of its own, a gap after the last one ended; it is done when all were heard", async () => {
  const { outcome, atMs, sent } = await pressing("1*d");
  assert.deepEqual([outcome, atMs, sent], [{ kind: "done" }, 960, ["1@60", "*@360", "D@660"]]);
});

test("gap and length can be told; the length goes to the engine in samples at 8 kHz", async () => {
  const { atMs, sent } = await pressing("12", { gapMs: 50, onMs: 80 });
  assert.deepEqual([atMs, sent], [320, ["1@60/640", "2@190/640"]]);
});

test("a comma is a pause of a second", async () => {
  assert.deepEqual((await pressing(",1,,2")).sent, ["1@1060", "2@3360"]);
  assert.deepEqual((await pressing("")).outcome, { kind: "done" });
});

test("a phone that takes no keys is told; a program's own channel sees them although it takes none", async () => {
  const { outcome, sent } = await pressing("123", {}, { answer: (key) => key !== "2" });
  assert.equal(outcome.kind === "failed" && outcome.error.code, "keys-refused");
  assert.deepEqual(sent, ["1@60", "2@360"]);
  assert.deepEqual((await pressing("1", {}, { party: "dumb/7", answer: () => false })).outcome, {
    kind: "done",
  });
});

test("while the party is with somebody else it fails", async () => {
  const { outcome, sent } = await pressing("1", {}, { here: false });
  assert.equal(outcome.kind === "failed" && outcome.error.code, "call-elsewhere");
  assert.deepEqual(sent, []);
});

test("hang-up before, between and with a key ends it", async () => {
  for (const [hangUpAtMs, sent] of [
    [0, []],
    [400, ["1@60", "2@360"]],
  ] as const) {
    const told = await pressing("123", {}, { hangUpAtMs });
    assert.deepEqual([told.outcome.kind, told.atMs, told.sent], ["hangup", hangUpAtMs, sent]);
  }
  const gone = await pressing("12", {}, { answer: (key) => (key === "2" ? undefined : true) });
  assert.deepEqual([gone.outcome.kind, gone.sent], ["hangup", ["1@60"]]);
});

test("bad arguments are refused by name", async () => {
  await assert.rejects(pressing("1-2"), /\[bad-argument\] sendDtmf takes keys out of/);
  await assert.rejects(pressing("1", { gapMs: -1 }), /gapMs takes milliseconds/);
  await assert.rejects(pressing("1", { onMs: 20 }), /onMs takes 40 to 1250 milliseconds, not 20/);
});

test("the phone is sent silence meanwhile, for keys travel in the place of sound; a program's own channel is not", async () => {
  assert.deepEqual((await pressing("12")).overrides, ["tone/silence@0", "-@660"]);
  assert.deepEqual((await pressing("12", {}, { hangUpAtMs: 100 })).overrides, ["tone/silence@0"]);
  assert.deepEqual((await pressing("12", {}, { party: "dumb/7" })).overrides, []);
});
