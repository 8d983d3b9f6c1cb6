import type { WatchedMessage, Yate } from "../../src/bus/index.ts";
import { Mailbox } from "./raw-phone.ts";

/** Keeps the messages of some names that were dispatched, until a test asks for them. */
export class Watched {
  readonly #box = new Mailbox<WatchedMessage>();
  readonly all: WatchedMessage[] = [];

  constructor(yate: Yate, names: readonly string[]) {
    for (const name of names) void this.#follow(yate, name);
  }

  async #follow(yate: Yate, name: string): Promise<void> {
    try {
      for await (const message of yate.watches(name)) {
        this.all.push(message);
        this.#box.put(message);
      }
    } catch {
      // The engine has stopped.
    }
  }

  /** The first message of that name with these parameters; `undefined` for one that must be absent. */
  take(name: string, params: Readonly<Record<string, string | undefined>> = {}): Promise<WatchedMessage> {
    const wanted = Object.entries(params);
    return this.#box.take(
      `${name} ${JSON.stringify(params)}`,
      (message) => message.name === name && wanted.every(([key, value]) => message.params.get(key) === value),
    );
  }
}
