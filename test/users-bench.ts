import { createManualClock, type Logger, type ManualClock } from "../src/base/index.ts";
import {
  type Engine,
  type EngineConfig,
  type EngineModule,
  parseConfig,
  startEngine,
} from "../src/engine/index.ts";

/** What came of a message. */
export interface Outcome {
  readonly handled: boolean;
  readonly retvalue: string;
  readonly params: Readonly<Record<string, string>>;
}

/** For tests: an engine on a manual clock, and what it logs. */
export interface UsersBench extends AsyncDisposable {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly logged: readonly string[];
  send(name: string, params: Readonly<Record<string, string | number>>): Promise<Outcome>;
  /** Registers a telephone: `data` is where it is reached. */
  register(user: string, data: string, more?: Readonly<Record<string, string | number>>): Promise<Outcome>;
  /** Where a call to the number goes. */
  route(called: string, more?: Readonly<Record<string, string>>): Promise<Outcome>;
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param config texts by file name */
export async function createUsersBench(
  modules: readonly EngineModule[],
  config: Readonly<Record<string, string>>,
  clock: ManualClock = createManualClock(),
): Promise<UsersBench> {
  const logged: string[] = [];
  const note = (text: string): void => void logged.push(text);
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  const files: EngineConfig = Object.fromEntries(
    Object.entries(config).map(([name, text]) => [name, parseConfig(text, `${name}.conf`)]),
  );
  const engine = await startEngine({ clock, log, modules, config: files });
  const stop = async (): Promise<void> => {
    const stopped = engine.stop();
    await clock.advance(0);
    await stopped;
  };
  const bench: UsersBench = {
    engine,
    clock,
    logged,
    async send(name, params) {
      const message = engine.message(name, params);
      const handled = await engine.kernel.dispatch(message);
      return { handled, retvalue: message.retvalue, params: message.params.toObject() };
    },
    register: (username, data, more = {}) =>
      bench.send("user.register", { username, driver: "sip", data, expires: 600, ...more }),
    route: (called, more = {}) => bench.send("call.route", { called, ...more }),
    pass: (ms) => clock.advance(ms),
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return bench;
}
