/** Every operation, ended at its start, in its middle and at its end, in every way that a call can end. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Voice } from "yayts";
import type { Operation, Outcome, Prepared } from "./operation.ts";
import { operations } from "./operations.ts";
import { Rig, type Way, within } from "./rig.ts";

/** When it is ended: as it begins, after so many milliseconds, or as it ends by itself. */
type Moment = number | "at its end";

const moments: readonly Moment[] = [0, 12, 80, "at its end"];
/** Longest time from the hang-up to the outcome; the slowest is a question to the engine and the word why. */
const limitMs = 4000;

const voice: Voice = async () => ({ samples: new Int16Array(1600), rateHz: 8000 });

/** What ends an operation. */
type Cause = (prepared: Prepared, stop: AbortController) => Promise<unknown>;

const hangUps: Readonly<Record<string, Cause>> = {
  "the caller hangs up": ({ byParty }) => byParty(),
  "the app hangs up from elsewhere": ({ byApp }) => byApp(),
  "its signal fires": async (_, stop) => stop.abort(),
  "both hang up": ({ byParty, byApp }) => Promise.all([byParty(), byApp()]),
};

/** Operations, so many at a time. */
async function each(work: (operation: Operation) => Promise<void>, atOnce: number): Promise<void> {
  const left = [...operations];
  const errors: string[] = [];
  const worker = async (): Promise<void> => {
    for (let operation = left.shift(); operation; operation = left.shift()) {
      const { name } = operation;
      await work(operation).catch((error: Error) => void errors.push(`${name}: ${error.message}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  assert.deepEqual(errors, []);
}

function typed(operation: Operation, outcome: Outcome, when: string): void {
  const { kinds = [] } = operation;
  assert.equal(typeof outcome?.kind, "string", `${operation.name} gave no outcome ${when}`);
  // What it ends with by itself counts too: it may have been quicker.
  const known = ["hangup", "completed", "stopped", "failed", "done", ...kinds];
  if (!known.includes(outcome.kind) && !outcome.kind.startsWith("key"))
    assert.fail(`${operation.name} ended with ${JSON.stringify(outcome)} ${when}`);
}

/** Hangs up whoever is still there. */
async function clean(rig: Rig, { legs, byApp }: Prepared): Promise<void> {
  await Promise.all([byApp(), ...legs.map((leg) => rig.gone(leg))]);
}

for (const [cause, end] of Object.entries(hangUps)) {
  describe(`every operation, when ${cause}`, { timeout: 60_000 }, () => {
    for (const moment of moments) {
      const when = typeof moment === "number" ? `after ${moment} ms` : moment;
      it(`${when}: a typed outcome in time, and nothing is left`, async () => {
        await using rig = await Rig.start("in process", { voice });
        await each(async (operation) => {
          if (end === hangUps["its signal fires"] && !operation.signal) return;
          const prepared = await operation.prepare(rig);
          const stop = new AbortController();
          const running = Promise.resolve(prepared.begin(stop.signal));
          if (moment === "at its end") {
            // What needs the party to end it is ended by the party.
            await Promise.race([running, delay(700)]);
          } else if (moment > 0) await delay(moment);
          const ending = end(prepared, stop);
          const outcome = await within(limitMs, operation.name, running);
          typed(operation, outcome, when);
          await within(limitMs, `${cause}: ${operation.name}`, ending);
          await clean(rig, prepared);
        }, 10);
        await rig.nothingLeft();
        assert.deepEqual(
          rig.reports.filter((report) => report.startsWith("error")),
          [],
        );
      });
    }
  });
}

/** `crash`: the app has no time to hang up. */
const losses: Readonly<Record<string, { way: Way; lose: (rig: Rig) => unknown; crash?: true }>> = {
  "the line to the engine is cut": { way: "tcp", lose: (rig) => rig.cut() },
  "the engine stops": { way: "in process", lose: (rig) => rig.engine.stop() },
  "the app is told to close": { way: "in process", lose: (rig) => rig.app.close() },
  "the app closes at once": { way: "in process", lose: (rig) => rig.app.abort(), crash: true },
};

describe("every operation at once", { timeout: 60_000 }, () => {
  for (const [cause, { way, lose, crash }] of Object.entries(losses)) {
    for (const moment of moments) {
      const when = typeof moment === "number" ? `after ${moment} ms` : moment;
      it(`when ${cause} ${when}: typed outcomes in time, and nothing is left`, async () => {
        await using rig = await Rig.start(way, { voice });
        const prepared = await Promise.all(
          operations.map(async (operation) => ({ operation, ready: await operation.prepare(rig) })),
        );
        const stop = new AbortController();
        const running = prepared.map(({ operation, ready }) => ({
          operation,
          ready,
          outcome: Promise.resolve(ready.begin(stop.signal)),
        }));
        await delay(moment === "at its end" ? 250 : moment);
        await lose(rig);
        const errors: string[] = [];
        await Promise.all(
          running.map(async ({ operation, outcome }) => {
            try {
              typed(operation, await within(limitMs, operation.name, outcome), when);
            } catch (error) {
              errors.push(`${operation.name}: ${(error as Error).message}`);
            }
          }),
        );
        assert.deepEqual(errors, []);
        for (const { ready } of rig.callers.state.kind === "connected" ? running : [])
          await Promise.all(ready.legs.map((leg) => rig.gone(leg)));
        if (crash) await rig.dropAll();
        await rig.nothingLeft();
      });
    }
  }
});
