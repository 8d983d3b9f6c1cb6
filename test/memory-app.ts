import { createManualClock, type Logger, type ManualClock } from "../src/base/index.ts";
import {
  type AppConnection,
  type AppConnectionOptions,
  createAppConnection,
} from "../src/engine/extmodule/connection.ts";
import { type Engine, type EngineOptions, startEngine } from "../src/engine/index.ts";
import { defaultLocalSettings, type LocalSettings } from "../src/engine/local-settings.ts";
import { encodeText } from "../src/wire/index.ts";

/** One app that talks with an engine in this process, byte for byte as over a socket. */
export interface MemoryApp {
  readonly connection: AppConnection;
  /** Whether the engine has ended the transport, and how. */
  readonly ended: "no" | "flushed" | "cut";
  /** Sends lines. */
  say(...lines: string[]): void;
  /** Sends bytes as they are. */
  push(bytes: Uint8Array): void;
  /** What the engine has written since the last call, once all that is queued has been dispatched. */
  heard(): Promise<string[]>;
  /** Says one line and returns what comes back. */
  ask(line: string): Promise<string[]>;
  /** The id of the only message that the engine has written since the last call. */
  heldId(): Promise<string>;
}

/** An engine on a clock that the test holds, with apps on memory transports. */
export interface MemoryEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly clock: ManualClock;
  /** What was logged as a warning or an error. */
  readonly warnings: string[];
  readonly infos: string[];
  app(options?: Partial<AppConnectionOptions> & { initial?: Partial<LocalSettings> }): MemoryApp;
}

/** Lets everything that is queued in the engine happen. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

export async function startMemoryEngine(options: EngineOptions = {}): Promise<MemoryEngine> {
  const clock = createManualClock();
  const warnings: string[] = [];
  const infos: string[] = [];
  const log: Logger = {
    debug() {},
    info: (text) => void infos.push(text),
    warn: (text) => void warnings.push(text),
    error: (text) => void warnings.push(text),
  };
  const engine = await startEngine({ clock, log, ...options });

  const connect: MemoryEngine["app"] = ({ initial, ...given } = {}) => {
    let lines: string[] = [];
    let ended: MemoryApp["ended"] = "no";
    const connection = createAppConnection({
      engine,
      name: "memory",
      address: "here",
      role: "global",
      settings: { ...defaultLocalSettings, ...initial },
      onClosed() {},
      transport: {
        send: (line) => void lines.push(line),
        end() {
          ended = "flushed";
        },
        destroy() {
          ended = "cut";
        },
      },
      ...given,
    });
    const app: MemoryApp = {
      connection,
      get ended() {
        return ended;
      },
      say: (...said) => connection.push(encodeText(said.map((line) => `${line}\n`).join(""))),
      push: (bytes) => connection.push(bytes),
      async heard() {
        await settled();
        const heard = lines;
        lines = [];
        return heard;
      },
      async ask(line) {
        app.say(line);
        return app.heard();
      },
      async heldId() {
        const heard = await app.heard();
        const [, id] = /^%%>message:([^:]*):/.exec(heard[0] ?? "") ?? [];
        if (heard.length !== 1 || id === undefined)
          throw new Error(`one message was due, but there is ${JSON.stringify(heard)}`);
        return id;
      },
    };
    return app;
  };
  return { engine, clock, warnings, infos, app: connect, [Symbol.asyncDispose]: () => engine.stop() };
}
