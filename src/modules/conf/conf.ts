import {
  createDriver,
  type Driver,
  type Engine,
  type EngineMessage,
  type EngineModule,
  endpointOf,
} from "../../engine/index.ts";
import { Leg, legOptions } from "./leg.ts";
import { Room } from "./room.ts";

/** The rooms of an engine. */
interface Rooms {
  readonly driver: Driver;
  readonly byName: Map<string, Room>;
  /** A name for a room that was given none. */
  nextName(): string;
}

/** Conferences: the call target `conf/<room>`, `call.conference`, and the rooms' notifications (spec/media.md §7). */
export function conf(): EngineModule {
  return { name: "conference", start: startConf };
}

function startConf(engine: Engine): void {
  const byName = new Map<string, Room>();
  const install = (name: string, priority: number, receive: (message: EngineMessage) => boolean): void => {
    engine.install({ name, priority, trackName: "conf", receive });
  };
  const roomNamed = (id: string | undefined): Room | undefined =>
    id?.startsWith("conf/") ? byName.get(id.slice("conf/".length)) : undefined;

  // Before the driver's own handlers of the same priority: a room goes before a channel of that name.
  install("call.drop", 60, (message) => {
    const room = roomNamed(message.get("id"));
    room?.dropAll(message.get("reason"));
    return room !== undefined;
  });
  install("engine.status", 110, (message) => {
    const room = roomNamed(message.get("module"));
    if (room) message.retvalue = room.status();
    return room !== undefined;
  });

  let generated = 0;
  const driver = createDriver(engine, {
    name: "conf",
    lifecycle: false,
    takes: ["call.ringing", "call.answered"],
    status: (usual) => [...usual, `rooms=${byName.size}`],
    channelStatus: (channel) => (channel instanceof Leg ? channel.columns() : []),
    execute: (message, target, caller) => {
      if (!caller) {
        engine.log.warn(`conf/${target} was called by no channel: a conference cannot begin a call`);
        return false;
      }
      const room = enterable(rooms, message, target);
      if (room === undefined) return false;
      const leg = join(rooms, room, message);
      const release = leg.hold();
      const connected = caller.connect(leg, message.get("reason"));
      if (connected) {
        message.set("peerid", leg.id).set("room", `conf/${room}`);
        leg.room.answer(message);
      }
      release();
      return connected;
    },
  });
  const rooms: Rooms = { driver, byName, nextName: () => `x-${++generated}` };

  install("call.conference", 150, (message) => conference(rooms, message));
  install("chan.hangup", 150, (message) => {
    const id = message.get("id");
    if (id) for (const room of [...byName.values()]) room.removeOwner(id);
    return false;
  });
  for (const [name, event] of [
    ["chan.dtmf", "dtmf"],
    ["chan.text", "text"],
  ] as const) {
    install(name, 75, (message) => {
      const peer = message.get("peerid") ?? "";
      const leg = driver.channels.get(peer.startsWith("conf/") ? peer : (message.get("targetid") ?? ""));
      if (leg instanceof Leg) turnIntoNotification(leg, message, event);
      return false;
    });
  }
}

/** The name of the room that the message may enter; undefined when it may not. */
function enterable({ byName, nextName }: Rooms, message: EngineMessage, wanted: string): string | undefined {
  const room = byName.get(wanted);
  if (room) return legOptions(message).counted && room.full ? undefined : wanted;
  if (message.flag("existing", false)) return undefined;
  return wanted || nextName();
}

/** A new leg in the room, which is made if need be. */
function join({ driver, byName }: Rooms, name: string, message: EngineMessage): Leg {
  let room = byName.get(name);
  if (room) room.update(message);
  else {
    room = new Room(driver, name, message, () => byName.delete(name));
    byName.set(name, room);
  }
  const options = legOptions(message);
  const leg = new Leg(driver, room, options, "outgoing", message);
  const timeoutMs = message.integer("timeout", driver.defaultTimeoutMs);
  if (!options.utility && timeoutMs > 0)
    leg.control(driver.engine.message("chan.control", { timeout: timeoutMs }));
  return leg;
}

/** `call.conference`: a channel and its peer go into a room; or, without a channel, a room is changed. */
function conference(rooms: Rooms, message: EngineMessage): boolean {
  const given = message.get("room") ?? "";
  if (given !== "" && (!given.startsWith("conf/") || given === "conf/")) return false;
  const name = given.slice("conf/".length);
  const endpoint = endpointOf(message);
  if (!endpoint) {
    const room = rooms.byName.get(name);
    if (!room) return false;
    const recorded = room.record(message);
    return room.answer(message) || recorded;
  }
  if (endpoint instanceof Leg) {
    rooms.driver.engine.log.warn(
      `call.conference from ${endpoint.id}: a leg of a conference cannot be put into one`,
    );
    return false;
  }
  const room = enterable(rooms, message, name);
  if (room === undefined) return false;
  const { peer } = endpoint;
  if (peer instanceof Leg && peer.room.name === room) return true;

  const reason = message.get("reason") || "conference";
  // The pair parts without being told, and goes on: nobody may be lost in between.
  const releases = [endpoint.hold(), peer?.hold()];
  const leg = join(rooms, room, message);
  releases.push(leg.hold());
  const connected = endpoint.connect(leg, reason, true);
  if (connected) {
    message.set("peerid", leg.id).set("room", `conf/${room}`);
    if (peer && !(peer instanceof Leg)) {
      const other = join(rooms, room, message);
      releases.push(other.hold());
      peer.connect(other, reason, true);
    }
    leg.room.answer(message);
  }
  for (const release of releases) release?.();
  return connected;
}

/** Keys and texts for a leg become notifications of its room, if it has a target for them. */
function turnIntoNotification(leg: Leg, message: EngineMessage, event: "dtmf" | "text"): void {
  const target = message.get("targetid");
  if (leg.options.keepTarget && target && target !== leg.id) return;
  const { room, options } = leg;
  message.set("counted", options.counted).set("utility", options.utility).set("room", room.name);
  if (!room.notifyId) return;
  const sender = message.get("id");
  message.name = "chan.notify";
  if (sender) message.set("peerid", sender);
  message.set("id", leg.id).set("event", event).set("users", room.users).set("full", room.full);
  message.set("targetid", room.notifyId);
  if (leg.lastPeerId) message.set("lastpeerid", leg.lastPeerId);
}
