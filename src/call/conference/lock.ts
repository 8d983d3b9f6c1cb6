import type { Yate } from "../../bus/index.ts";

/** A room that nobody comes into. */
export interface RoomLock {
  /** Resolves when it holds. */
  readonly ready: Promise<unknown>;
  unlock(): void;
}

/** Before the engine's own handlers of these messages. */
const priority = 40;

/** Locks a room against calls of every kind. The engine knows no locks, so we look at each call first (spec/media.md §7). */
export function lockRoom(yate: Yate, name: string): RoomLock {
  const room = `conf/${name}`;
  // Nobody has such a driver, so that what leads there fails, with this reason.
  const nowhere = `locked/${name}`;
  const handlers = [
    yate.handle("call.execute", { priority, filter: { callto: room } }, (execute) => {
      if (execute.get("utility") === "true") return;
      execute.set("callto", nowhere).set("error", "forbidden").set("reason", "forbidden");
    }),
    yate.handle("call.conference", { priority, filter: { room } }, (conference) => {
      // Without a channel it changes the room, as in recording.
      if (conference.get("id")) conference.set("room", nowhere).set("error", "forbidden");
    }),
  ];
  return {
    ready: Promise.all(handlers.map(({ ready }) => ready)),
    unlock: () => {
      for (const handler of handlers) handler.uninstall();
    },
  };
}
