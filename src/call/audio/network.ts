import { type Clock, realClock, type Timer } from "../../base/index.ts";
import type { AudioSocket } from "./audio-socket.ts";
import {
  checkConditions,
  createPacketFates,
  type NetworkConditions,
  type PacketFate,
} from "./packet-fate.ts";

export { checkConditions, type NetworkConditions } from "./packet-fate.ts";

/**
 * A network between an attachment and its engine that can be made bad, for trying what a bad call is like: real packets are lost, late
 * and out of order, so that the playout buffers at both ends do what they do on such a network. Give it to `attachAudio`.
 */
export interface Network {
  /** The way it is; settable at any time, which begins its pattern anew. Throws `bad-argument`. */
  conditions: NetworkConditions;
  /** Puts itself around a socket, which it is closed with. */
  wrap(socket: AudioSocket): AudioSocket;
}

/** Networks of an attachment each; one that is given to several gives each packet a fate in the order of their coming. */
export function createNetwork(conditions: NetworkConditions, clock: Clock = realClock): Network {
  checkConditions(conditions);
  let now = conditions;
  let fates = fatesOf(now);
  const wrap = (socket: AudioSocket): AudioSocket => {
    const onTheWay = new Set<Timer>();
    const carry = ({ lost, delayMs }: PacketFate, arrive: () => void): void => {
      if (lost) return;
      if (delayMs < 1) {
        arrive();
        return;
      }
      const timer = clock.after(delayMs, () => {
        onTheWay.delete(timer);
        arrive();
      });
      onTheWay.add(timer);
    };
    return {
      get port() {
        return socket.port;
      },
      get strangers() {
        return socket.strangers;
      },
      get unsent() {
        return socket.unsent;
      },
      get errors() {
        return socket.errors;
      },
      open(engine, receive) {
        socket.open(engine, (bytes) => {
          const fate = fates.in();
          // What is on its way has its own memory: the system reuses that of datagrams.
          if (now.mute !== "in")
            carry(fate, fate.delayMs < 1 ? () => receive(bytes) : arriving(receive, bytes));
        });
      },
      send(packet) {
        const fate = fates.out();
        if (now.mute !== "out") carry(fate, () => socket.send(packet));
      },
      close() {
        for (const timer of onTheWay) timer.cancel();
        onTheWay.clear();
        socket.close();
      },
    };
  };
  return {
    get conditions() {
      return now;
    },
    set conditions(wanted) {
      checkConditions(wanted);
      now = wanted;
      fates = fatesOf(now);
    },
    wrap,
  };
}

function arriving(receive: (bytes: Uint8Array) => void, bytes: Uint8Array): () => void {
  const copy = bytes.slice();
  return () => receive(copy);
}

interface Fates {
  readonly in: () => PacketFate;
  readonly out: () => PacketFate;
}

function fatesOf(conditions: NetworkConditions): Fates {
  return { in: createPacketFates(conditions, 0), out: createPacketFates(conditions, 1) };
}
