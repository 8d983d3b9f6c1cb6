import { randomBytes } from "node:crypto";
import type { RemoteInfo, Socket } from "node:dgram";
import { errorText, type Logger } from "../../base/index.ts";
import {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpFlaw,
  type SrtpKeys,
  type SrtpReceiver,
  type SrtpSender,
  srtpKeys,
} from "../../rtp/index.ts";
import { EarlyPackets } from "./early-packets.ts";
import { RemoteAddress } from "./remote-address.ts";
import type { WantedKeys } from "./rtp-messages.ts";
import type { SocketPair } from "./sockets.ts";
import { srtpPrimitives } from "./srtp-primitives.ts";

export interface WireOptions {
  readonly pair: SocketPair;
  /** Follow the peer's packets (spec/rtp.md §4). */
  readonly follows: boolean;
  /** Packets that come before the peer's address is known are kept for then. */
  readonly keepsEarly: boolean;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** The session, for the log. */
  readonly name: () => string;
  /** A datagram at the RTP port, opened if it was protected. */
  readonly sound: (packet: Uint8Array, from: RemoteInfo, arrivalMs: number) => void;
  /** A datagram of the peer's host at the RTCP port. */
  readonly report: (packet: Uint8Array) => void;
}

/** Packets that may wait for the system to take them; more are dropped and counted, as the network would. */
const maxUnsent = 32;
const strangerReportMs = 60_000;

/** The two sockets of a session, where its peer is, and the keys between them. Without keys everything passes in the clear. */
export class Wire {
  readonly remote: RemoteAddress;
  readonly #options: WireOptions;
  readonly #early: EarlyPackets | undefined;
  #localKeys: SrtpKeys | undefined;
  #lock: SrtpSender | undefined;
  #unlock: SrtpReceiver | undefined;
  #unsent = 0;
  #forged = 0;
  #failed = false;
  #strangers = { reportedMs: Number.NEGATIVE_INFINITY, reported: 0 };

  constructor(options: WireOptions) {
    const { pair, follows, nowMs } = options;
    this.#options = options;
    this.#early = options.keepsEarly ? new EarlyPackets() : undefined;
    this.remote = new RemoteAddress(follows);
    pair.rtp.on("message", (bytes, from) => {
      if (this.remote.known) this.#sound(bytes, from, nowMs());
      else this.#early?.keep(bytes, from, nowMs());
    });
    pair.rtcp.on("message", (bytes, from) => {
      if (!this.remote.isHost(from.address)) return;
      const packet = this.#localKeys ? this.#opened(this.#unlock?.openRtcp(bytes)) : bytes;
      if (packet) options.report(packet);
    });
    for (const socket of [pair.rtp, pair.rtcp]) socket.on("error", (error) => this.#fail(error));
  }

  /** Keys of what this side sends; undefined for sound in the clear. */
  get localKeys(): SrtpKeys | undefined {
    return this.#localKeys;
  }

  /** Packets that the system did not take. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Packets that did not have the peer's key. */
  get forged(): number {
    return this.#forged;
  }

  /** Hands on what came before the peer's address was told; to be called after it was. */
  takeEarly(): void {
    // Without keys anybody can send to a port: of what came before, only what the peer's own host sent is believed.
    const anybody = this.#localKeys !== undefined;
    const packets = this.#early?.take(this.remote, anybody) ?? [];
    for (const { bytes, from, arrivalMs } of packets) this.#sound(bytes, from, arrivalMs);
  }

  /** Protects everything (SRTP); false when the peer's suite is not the one that was told to it. */
  protect({ suite, remote }: WantedKeys): boolean {
    if (this.#localKeys && this.#localKeys.suite !== suite) return false;
    if (!this.#localKeys) {
      this.#localKeys = srtpKeys(suite, randomBytes(30));
      this.#lock = createSrtpSender(this.#localKeys, srtpPrimitives);
    }
    if (remote) this.#unlock = createSrtpReceiver(remote, srtpPrimitives);
    return true;
  }

  sendSound(packet: Uint8Array): void {
    this.#send(this.#options.pair.rtp, this.#lock?.protectRtp(packet) ?? packet, this.remote.port);
  }

  /** RTCP goes to the port after that of the sound: another is not negotiated. */
  sendReport(packet: Uint8Array): void {
    this.#send(this.#options.pair.rtcp, this.#lock?.protectRtcp(packet) ?? packet, this.remote.port + 1);
  }

  /** Opens the way through a NAT: an empty datagram (RFC 6263 §4.1). */
  drill(): void {
    this.#send(this.#options.pair.rtp, new Uint8Array(0), this.remote.port);
  }

  /** Logs who is locked out: once a minute, not once a packet. */
  reportStranger(from: RemoteInfo, nowMs: number): void {
    if (nowMs - this.#strangers.reportedMs < strangerReportMs) return;
    const { strangers, ip, port } = this.remote;
    const count = strangers - this.#strangers.reported;
    this.#strangers = { reportedMs: nowMs, reported: strangers };
    const { log, name } = this.#options;
    log.warn(
      `${name()} drops packets of a stranger, ${from.address}:${from.port}: ${count} since the last report; it talks to ${ip}:${port}`,
    );
  }

  close(): void {
    this.#options.pair.rtp.close();
    this.#options.pair.rtcp.close();
  }

  #sound(bytes: Uint8Array, from: RemoteInfo, arrivalMs: number): void {
    const packet = this.#localKeys ? this.#opened(this.#unlock?.openRtp(bytes)) : bytes;
    if (packet) this.#options.sound(packet, from, arrivalMs);
  }

  /** Before the peer's key is known nothing of it can be right. */
  #opened(packet: Uint8Array | SrtpFlaw | undefined): Uint8Array | undefined {
    if (packet !== undefined && typeof packet !== "string") return packet;
    this.#forged++;
    return undefined;
  }

  #send(socket: Socket, packet: Uint8Array, port: number): void {
    if (port > 65_535) return;
    // The system takes packets at once; what waits here waits for a network that is too slow.
    if (socket.getSendQueueCount() >= maxUnsent) {
      this.#unsent++;
      return;
    }
    try {
      socket.send(packet, port, this.remote.ip);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.log.warn(
      `${this.#options.name()} cannot send to ${this.remote.ip}: ${errorText(error)}; it goes on trying`,
      { error },
    );
  }
}
