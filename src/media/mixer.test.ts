import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createMixer } from "./index.ts";

function block(value: number): Int16Array {
  return new Int16Array(160).fill(value);
}

/** A block whose mean magnitude is `level`. */
function buzz(level: number): Int16Array {
  return Int16Array.from({ length: 160 }, (_, i) => (i % 8 < 4 ? level : -level));
}

test("each leg hears the saturated sum of the others", () => {
  const samples = fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(samples, { minLength: 1, maxLength: 6 }), (inputs) => {
      const mixer = createMixer(4);
      const legs = inputs.map(() => mixer.addLeg({ smart: false }));
      legs.forEach((leg, i) => {
        leg.write(Int16Array.from(inputs[i] ?? []));
      });
      mixer.tick();
      legs.forEach((leg, own) => {
        for (let n = 0; n < 4; n++) {
          const sum = inputs.reduce((total, input, i) => total + (i === own ? 0 : (input[n] ?? 0)), 0);
          assert.equal(leg.heard[n], Math.max(-32767, Math.min(32767, sum)));
        }
      });
    }),
  );
});

test("a leg with echo hears itself, one without voice or muted is not heard", () => {
  const mixer = createMixer();
  const echo = mixer.addLeg({ smart: false, echo: true });
  const silent = mixer.addLeg({ smart: false, voice: false });
  const muted = mixer.addLeg({ smart: false });
  muted.muted = true;
  echo.write(block(100));
  silent.write(block(1000));
  muted.write(block(10000));
  mixer.tick();
  assert.deepEqual([echo.heard[0], silent.heard[0], muted.heard[0]], [100, 100, 100]);
});

test("what is written counts for one tick, and a short block is filled up with silence", () => {
  const mixer = createMixer();
  const talker = mixer.addLeg({ smart: false });
  const listener = mixer.addLeg();
  talker.write(block(100).subarray(0, 80));
  mixer.tick();
  assert.deepEqual([listener.heard[79], listener.heard[80]], [100, 0]);
  mixer.tick();
  assert.equal(listener.heard[79], 0);
});

test("a smart leg is mixed when it speaks, to the end of the word, and not its background noise", () => {
  const mixer = createMixer();
  const talker = mixer.addLeg();
  const listener = mixer.addLeg();
  const hears = (level: number): boolean => {
    talker.write(buzz(level));
    mixer.tick();
    return listener.heard.some((x) => x !== 0);
  };
  assert.equal(hears(20), false);
  assert.equal(hears(2000), true);
  assert.ok(talker.speaking);
  // Word ends are kept for 200 ms.
  for (let tick = 1; tick < 10; tick++) assert.equal(hears(20), true, `tick ${tick}`);
  assert.equal(hears(20), false);
  assert.ok(!talker.speaking);
});

test("a steady noise becomes background after a while, and speech above it is still heard", () => {
  const mixer = createMixer();
  const talker = mixer.addLeg();
  const speaks = (level: number, ticks: number): boolean => {
    for (let i = 0; i < ticks; i++) {
      talker.write(buzz(level));
      mixer.tick();
    }
    return talker.speaking;
  };
  assert.equal(speaks(100, 50), true);
  assert.equal(speaks(100, 500), false);
  assert.equal(speaks(1000, 1), true);
  assert.equal(speaks(10, 20), false);
});

test("speakers are those who speak, the loudest first, with their energy", () => {
  const mixer = createMixer();
  const [soft, quiet, loud] = [mixer.addLeg(), mixer.addLeg(), mixer.addLeg()];
  for (let tick = 0; tick < 20; tick++) {
    soft.write(buzz(500));
    quiet.write(buzz(5));
    loud.write(buzz(5000));
    mixer.tick();
  }
  assert.deepEqual(mixer.speakers(8), [loud, soft]);
  assert.deepEqual(mixer.speakers(1), [loud]);
  assert.ok(Math.abs(loud.energy - 5000) < 10);
  soft.remove();
  soft.remove();
  assert.equal(mixer.legs.size, 2);
  assert.deepEqual(mixer.speakers(8), [loud]);
});

test("who leaves is neither heard nor hears any more", () => {
  const mixer = createMixer();
  const gone = mixer.addLeg({ smart: false });
  const stays = mixer.addLeg({ smart: false });
  gone.remove();
  gone.write(block(100));
  stays.write(block(50));
  mixer.tick();
  assert.equal(stays.heard[0], 0);
  assert.equal(gone.heard[0], 0);
});
