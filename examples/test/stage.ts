import { after, before, describe } from "node:test";
import { type App, type CallKitOptions, withCalls, type Yate, type YateWithCalls } from "yayts";
import { type Caller, type CallerOptions, placeCaller } from "yayts/testing";
import type { Subject } from "./subject.ts";

/** Where the prompts of the examples are. */
export const exampleSounds: URL = new URL("../sounds/", import.meta.url);

/** What an example is started with: sound over RTP has some delay, against stalls of a machine that runs other tests as well. */
export const exampleOptions: CallKitOptions = { prompts: exampleSounds, audioDelayMs: 100 };

/** An example that runs on an engine, and those who call it. */
export interface Stage {
  /** The example's connection, for more programs with the same options. */
  readonly app: YateWithCalls;
  /** A connection for callers and phones. */
  readonly callers: Yate;
  /** A call from 4711 that was answered, by a caller who knows the prompts of the examples. */
  call(number: string, options?: CallerOptions): Promise<Caller>;
}

/**
 * A suite on an example: it is started before the tests.
 * @param atOnce how many tests run at the same time
 */
export function describeExample(
  title: string,
  start: () => Promise<Subject>,
  example: App,
  tests: (stage: Stage) => void,
  atOnce = 4,
): void {
  describe(title, { concurrency: atOnce, timeout: 300_000 }, () => {
    let subject: Subject;
    const stage = {
      app: undefined as unknown as YateWithCalls,
      callers: undefined as unknown as Yate,
      async call(number: string, options: CallerOptions = {}): Promise<Caller> {
        const caller = await placeCaller(this.callers, number, {
          caller: "4711",
          promptsFrom: exampleSounds,
          ...options,
        });
        await caller.answered;
        return caller;
      },
    };
    before(async () => {
      subject = await start();
      const running = await subject.connect();
      stage.callers = await subject.connect();
      example.start(running);
      stage.app = withCalls(running);
      await running.setlocal("engine.version");
    });
    after(async () => {
      stage.app.abort();
      stage.callers.abort();
      await subject.stop();
    });
    tests(stage);
  });
}
