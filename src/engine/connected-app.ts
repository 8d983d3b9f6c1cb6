import type { Filter } from "../bus/index.ts";

/** A handler of an app. */
export interface InstalledHandler {
  readonly priority: number;
  readonly filter: Filter | undefined;
}

/** An app that is connected, over whatever way. */
export interface ConnectedApp {
  /** Unlike that of any other. */
  readonly name: string;
  readonly way: "tcp" | "unix" | "stdio" | "in process";
  /** Its address, or a script's argument. */
  readonly remote: string;
  /** Since when, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** By the names of their messages. */
  readonly handlers: ReadonlyMap<string, InstalledHandler>;
  readonly watches: ReadonlySet<string>;
  /** Messages that it has not answered yet. */
  readonly held: number;
  /** Breaks its connection, as if the network had. */
  cut(): void;
}

/** The apps of an engine, in the order of their coming. */
export interface ConnectedApps extends Iterable<ConnectedApp> {
  readonly size: number;
  /** A name for a new app, or a new one for an old app: the one wanted, with a number after it if another app has that. */
  claimName(wanted: string): string;
  /** Others may have that name. */
  releaseName(name: string): void;
  /** @param sender what the app's messages have as their sender */
  add(sender: object, app: ConnectedApp): void;
  /** Releases its name, too. */
  remove(sender: object): void;
  /** The app that sent a message; undefined for a message of the engine's, or of an app that has gone. */
  of(sender: object | undefined): ConnectedApp | undefined;
}

export function createConnectedApps(): ConnectedApps {
  const bySender = new Map<object, ConnectedApp>();
  const names = new Set<string>();
  return {
    get size() {
      return bySender.size;
    },
    claimName(wanted) {
      let name = wanted;
      for (let number = 2; names.has(name); number++) name = `${wanted} #${number}`;
      names.add(name);
      return name;
    },
    releaseName: (name) => void names.delete(name),
    add: (sender, app) => void bySender.set(sender, app),
    remove(sender) {
      const app = bySender.get(sender);
      if (app) names.delete(app.name);
      bySender.delete(sender);
    },
    of: (sender) => sender && bySender.get(sender),
    [Symbol.iterator]: () => bySender.values(),
  };
}
