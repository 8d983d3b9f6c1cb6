import type { RemoteInfo } from "node:dgram";
import type { RemoteAddress } from "./remote-address.ts";

/** A datagram, and when it came. */
export interface EarlyPacket {
  readonly bytes: Uint8Array;
  readonly from: RemoteInfo;
  /** Monotonic. */
  readonly arrivalMs: number;
}

/** 200 ms of the usual packets: more than that the playout buffer would not hold back. */
const mostPackets = 10;
/** No packet of sound is larger on an ordinary network. */
const mostBytes = 2048;

/**
 * What reaches the port of a session before it knows its peer. Who offers must be ready to receive from the offer on (RFC 3264
 * §5.1), and the sound of who answers may well be faster than the answer. The newest are kept: sound of long ago is of no use.
 */
export class EarlyPackets {
  #kept: EarlyPacket[] = [];

  keep(bytes: Uint8Array, from: RemoteInfo, arrivalMs: number): void {
    if (bytes.length > mostBytes) return;
    this.#kept.push({ bytes, from, arrivalMs });
    if (this.#kept.length > mostPackets) this.#kept.shift();
  }

  /**
   * What may be the peer's, in the order it came; what its own address sent goes before all else. Nothing is kept afterwards.
   * @param anybody whether other hosts may be meant, because packets prove whose they are
   */
  take({ ip, port }: RemoteAddress, anybody: boolean): readonly EarlyPacket[] {
    const kept = this.#kept.filter(({ from }) => anybody || from.address === ip);
    this.#kept = [];
    const own = kept.filter(({ from }) => from.address === ip && from.port === port);
    return [...own, ...kept.filter((packet) => !own.includes(packet))];
  }
}
