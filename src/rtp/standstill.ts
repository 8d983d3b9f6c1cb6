import type { RtpPacket } from "./packet.ts";

/** Time that a sender's clock must have stood still, at least. */
const leastMs = 60;
/** … and be behind the slowest packets of before by, at least: jitter that is known is none. */
const beyondJitterMs = 40;
/** Within so long what a network has held back behind a packet comes as well. */
const decisionMs = 10;

/**
 * Some senders stand still for a while between two sources of sound (an announcement ends, a peer is put through): their sequence goes
 * on unbroken, and so do the timestamps, though time has passed that they do not tell. Taken for the network's delay, which
 * the first such packet looks like, all that follows would be late for good. What tells them apart is the next packet: a network
 * that has held back one has held back those behind it too, and they come at once; a sender that stood still goes on at its pace.
 */
export class Standstill {
  #packet: RtpPacket | undefined;
  #arrivalMs = 0;

  /** The packet of which it is not known yet. */
  get packet(): RtpPacket | undefined {
    return this.#packet;
  }

  get arrivalMs(): number {
    return this.#arrivalMs;
  }

  /**
   * Keeps a packet that is next in an unbroken sequence, if it may be the first after a standstill.
   * @param pauseMs since the packet before it
   * @param stepMs by which its timestamp went on
   * @param slowerMs its delay above that of the slowest of before
   * @returns whether it did
   */
  suspect(
    packet: RtpPacket,
    arrivalMs: number,
    { pauseMs, stepMs, slowerMs }: { pauseMs: number; stepMs: number; slowerMs: number },
  ): boolean {
    if (stepMs < 0 || pauseMs - stepMs < leastMs || slowerMs < beyondJitterMs) return false;
    // The datagram may be its owner's again when it is decided.
    this.#packet = { ...packet, payload: packet.payload.slice() };
    this.#arrivalMs = arrivalMs;
    return true;
  }

  /** Whether nothing came at once behind the packet that is kept. */
  isPast(nowMs: number): boolean {
    return this.#packet !== undefined && nowMs - this.#arrivalMs >= decisionMs;
  }

  forget(): void {
    this.#packet = undefined;
  }
}
