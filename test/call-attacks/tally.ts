/** Counts what an app holds: waits, loops and handlers of its connection, and timers of its clock. */
import { type Clock, realClock } from "../../src/base/index.ts";
import type { Until, Wait, Yate } from "../../src/bus/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: one way for methods of every message name
type Loose = (...args: any[]) => any;

export class Tally {
  readonly #held: Map<object, string> = new Map();
  readonly clock: Clock = this.#counting(realClock);

  /** What is held now, by description, sorted. `handle …` are standing handlers. */
  get held(): string[] {
    return [...this.#held.values()].sort();
  }

  /** The same connection, where everything asked for is counted; connections made of it by `until` too. */
  wrap(yate: Yate): Yate {
    const counted: Record<string, Loose> = {
      until: (end: Until) => this.wrap(yate.until(end)),
    };
    for (const name of ["onmsg", "onwatch"] as const)
      counted[name] = (...args) => this.#wait(describe(name, args), (yate[name] as Loose)(...args));
    for (const name of ["messages", "watches"] as const)
      counted[name] = (...args) => this.#stream(describe(name, args), (yate[name] as Loose)(...args));
    counted.handle = (...args) => {
      const installed = (yate.handle as Loose)(...args);
      const forget = this.#hold(describe("handle", args.slice(0, -1)));
      return {
        ready: installed.ready,
        uninstall: () => {
          forget();
          installed.uninstall();
        },
      };
    };
    return Object.assign(Object.create(yate) as Yate, counted);
  }

  #hold(what: string): () => void {
    const key = {};
    this.#held.set(key, what);
    return () => void this.#held.delete(key);
  }

  #wait(what: string, wait: Wait<unknown>): Wait<unknown> {
    const forget = this.#hold(what);
    wait.then(forget, forget);
    return wait;
  }

  #stream<T>(
    what: string,
    stream: AsyncIterator<T> & { return(): Promise<IteratorResult<T>>; buffered: number; dropped: number },
  ) {
    const forget = this.#hold(what);
    const seen = (result: IteratorResult<T>): IteratorResult<T> => {
      if (result.done) forget();
      return result;
    };
    const counted = {
      next: () =>
        stream.next().then(seen, (error: unknown) => {
          forget();
          throw error;
        }),
      return: () => {
        forget();
        return stream.return();
      },
      get buffered() {
        return stream.buffered;
      },
      get dropped() {
        return stream.dropped;
      },
      [Symbol.asyncIterator]: () => counted,
    };
    return counted;
  }

  #counting(clock: Clock): Clock {
    return {
      ...clock,
      after: (delayMs, fn, options) => {
        if (options?.background) return clock.after(delayMs, fn, options);
        const forget = this.#hold(`timer of ${Math.round(delayMs)} ms`);
        const timer = clock.after(
          delayMs,
          () => {
            forget();
            fn();
          },
          options,
        );
        return {
          cancel: () => {
            forget();
            timer.cancel();
          },
        };
      },
    };
  }
}

function describe(what: string, [name, guard]: readonly unknown[]): string {
  const with_ = typeof guard === "function" ? "a function" : JSON.stringify(guard ?? {});
  return `${what} ${String(name) || "every message"} ${with_}`;
}
