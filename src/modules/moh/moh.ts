import {
  CallEndpoint,
  type DataSource,
  type Engine,
  type EngineMessage,
  type EngineModule,
  endpointOf,
} from "../../engine/index.ts";
import { ProgramSource } from "./program-source.ts";

/**
 * Music from programs: the call target `moh/<name>`, and `source` in `chan.attach` (spec/media.md §6). Configuration `moh`:
 * section `[mohs]`, `<name>=<shell command>` that writes 16-bit linear sound, 8000 samples a second, to its standard output.
 * `${rate}` in it lets a message ask for 16000 or 32000; other `${param}` are filled in from the message.
 */
export function moh(): EngineModule {
  return {
    name: "moh",
    start(engine) {
      const music = new Music(engine);
      engine.install({
        name: "call.execute",
        priority: 100,
        trackName: "moh",
        receive(message) {
          const name = nameOf(message.get("callto"));
          if (name === undefined) return false;
          const caller = endpointOf(message);
          return caller ? music.connect(message, name, caller) : music.originate(message, name);
        },
      });
      engine.install({
        name: "chan.attach",
        priority: 100,
        trackName: "moh",
        receive: (message) => music.attach(message),
      });
      engine.install({
        name: "engine.status",
        priority: 100,
        trackName: "moh",
        receive(message) {
          const wanted = message.get("module") ?? "";
          if (wanted === "" || wanted === "moh") message.retvalue += music.status;
          return false;
        },
      });
    },
  };
}

function nameOf(target: string | undefined): string | undefined {
  return target?.startsWith("moh/") ? target.slice("moh/".length) : undefined;
}

/** One who hears music and says nothing; not a channel. */
class MusicEndpoint extends CallEndpoint {
  readonly #gone: () => void;

  constructor(id: string, gone: () => void) {
    super(id);
    this.#gone = gone;
  }

  protected override destroyed(): void {
    this.#gone();
  }
}

class Music {
  readonly #engine: Engine;
  /** Commands by name. */
  readonly #commands: ReadonlyMap<string, string>;
  /** Programs that run, by command and rate: who hears the same hears it from one program. */
  readonly #sources = new Map<string, ProgramSource>();
  readonly #endpoints = new Set<MusicEndpoint>();
  #made = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    const entries = engine.config("moh").section("mohs")?.entries ?? [];
    this.#commands = new Map(entries.map(({ key, value }) => [key, value]));
  }

  get status(): string {
    return `name=moh,type=misc;sources=${this.#sources.size},chans=${this.#endpoints.size}\r\n`;
  }

  /** A name that there is not is silence, as in the reference engine. */
  connect(message: EngineMessage, name: string, caller: CallEndpoint): boolean {
    const endpoint = this.#endpoint(message, name);
    const release = endpoint.hold();
    const connected = caller.connect(endpoint, message.get("reason"));
    if (connected) message.set("peerid", endpoint.id);
    release();
    return connected;
  }

  /** Calls somebody and lets them hear it: `direct`, or where `target` or `called` is routed to. */
  async originate(message: EngineMessage, name: string): Promise<boolean> {
    const called = message.get("target") || message.get("called");
    const direct = message.get("direct");
    if (!called && !direct) return false;
    const { kernel } = this.#engine;
    // A copy of all that was asked for, in the music's name.
    const call = this.#engine.message("call.route", message.params);
    const own = message.get("callto") ?? "";
    call.delete("callto");
    call.set("id", own).set("caller", own);
    if (called) call.set("called", called);
    if (!direct && (!(await kernel.dispatch(call)) || call.retvalue === ""))
      return this.#failed(message, call);
    const endpoint = this.#endpoint(message, name);
    const release = endpoint.hold();
    try {
      call.set("id", endpoint.id).set("callto", direct || call.retvalue);
      call.name = "call.execute";
      call.retvalue = "";
      call.userData = endpoint;
      if (!(await kernel.dispatch(call))) return this.#failed(message, call);
      message.set("id", endpoint.id);
      return true;
    } finally {
      release();
    }
  }

  #failed(message: EngineMessage, call: EngineMessage): false {
    for (const name of ["error", "reason"]) {
      const value = call.get(name);
      if (value !== undefined) message.set(name, value);
    }
    return false;
  }

  #endpoint(message: EngineMessage, name: string): MusicEndpoint {
    const endpoint: MusicEndpoint = new MusicEndpoint(`moh/${++this.#made}`, () =>
      this.#endpoints.delete(endpoint),
    );
    this.#endpoints.add(endpoint);
    const source = this.#source(message, name);
    if (source) endpoint.audio.setSource(source);
    return endpoint;
  }

  /** `chan.attach` (spec/media.md §2): `source` stays in the message. */
  attach(message: EngineMessage): boolean {
    const name = nameOf(message.get("source"));
    if (name === undefined) return false;
    const endpoint = endpointOf(message);
    if (!endpoint) {
      this.#engine.log.warn(
        `${message.name} of moh/${name} without a channel: send it through chan.masquerade`,
      );
      return false;
    }
    const source = this.#source(message, name);
    if (!source) return false;
    endpoint.audio.setSource(source);
    // Other modules may have what else was asked for.
    return !["consumer", "override", "replace"].some((parameter) => message.get(parameter));
  }

  /** The program of that name, started if it does not run yet. */
  #source(message: EngineMessage, name: string): DataSource | undefined {
    const { log } = this.#engine;
    const template = this.#commands.get(name);
    if (!template) {
      log.warn(`moh/${name}: section [mohs] of moh.conf has no such name`);
      return undefined;
    }
    const rateHz = template.includes("${rate") ? message.integer("rate", 8000) : 8000;
    const command =
      rateHz === 8000 || rateHz === 16_000 || rateHz === 32_000 ? fill(template, message) : undefined;
    if (command === undefined) {
      log.warn(`moh/${name}: a parameter of the message cannot go into its command`);
      return undefined;
    }
    const key = `${rateHz} ${command}`;
    const playing = this.#sources.get(key);
    if (playing) return playing;
    const source: ProgramSource = new ProgramSource(this.#engine, {
      name,
      command,
      rateHz,
      ended: () => {
        if (this.#sources.get(key) === source) this.#sources.delete(key);
      },
    });
    this.#sources.set(key, source);
    return source;
  }
}

/**
 * The command with `${param}` and `${param$fallback}` filled in; undefined when a value could say more to the shell than a
 * word: the caller's name comes from anywhere.
 */
function fill(template: string, message: EngineMessage): string | undefined {
  let harmless = true;
  const command = template.replaceAll(
    /\$\{([^}$]*)(?:\$([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => {
      const value = message.get(name.trim());
      if (value && !/^[\p{L}\p{N}_.,:/@+][\p{L}\p{N}_.,:/@+-]*$/u.test(value)) harmless = false;
      return value || (fallback ?? "");
    },
  );
  return harmless ? command : undefined;
}
