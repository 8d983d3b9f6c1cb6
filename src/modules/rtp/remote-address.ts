import { isIP, SocketAddress } from "node:net";

/** What a packet's origin means: it is the peer's, or it is to be dropped. */
export type Origin = "peer" | "stranger";

/**
 * Where a session sends to, and whose packets it takes: symmetric RTP as in spec/rtp.md §4, so that a peer behind a NAT is
 * reached without knowing its own outer address.
 *
 * Only the first sound after the address was set decides: the session follows it. Sound from the address that was told
 * takes the session back there, once and for good. Everybody else is a stranger, and locked out.
 */
export class RemoteAddress {
  #told: { readonly ip: string; readonly port: number } | undefined;
  #ip = "";
  #port = 0;
  #decided = false;
  #strangers = 0;
  readonly #follows: boolean;

  /** @param follows false keeps to the address that was told, whatever comes */
  constructor(follows: boolean) {
    this.#follows = follows;
  }

  /** True once an address was told. */
  get known(): boolean {
    return this.#told !== undefined;
  }

  get ip(): string {
    return this.#ip;
  }

  get port(): number {
    return this.#port;
  }

  /** Packets that were no one's business here. */
  get strangers(): number {
    return this.#strangers;
  }

  /** Whether this is the address that was told last. */
  isTold(ip: string, port: number): boolean {
    return this.#told?.port === port && this.#told.ip === (canonicalAddress(ip) ?? ip);
  }

  /** Tells a (new) address; the next sound decides again. */
  tell(ip: string, port: number): void {
    this.#ip = canonicalAddress(ip) ?? ip;
    this.#port = port;
    this.#told = { ip: this.#ip, port };
    this.#decided = false;
  }

  /**
   * Judges a packet.
   * @param sound it has the payload type, and the authentication if any, of what is expected: only such may be followed
   */
  judge(ip: string, port: number, sound: boolean): Origin {
    const told = this.#told;
    if (!told) return "stranger";
    if (port === this.#port && ip === this.#ip) {
      if (sound) this.#decided = true;
      return "peer";
    }
    const follow = sound && ((ip === told.ip && port === told.port) || (this.#follows && !this.#decided));
    if (!follow) {
      this.#strangers++;
      return "stranger";
    }
    this.#ip = ip;
    this.#port = port;
    this.#decided = true;
    return "peer";
  }

  /** Whether an RTCP packet comes from the peer's host; the port is not negotiated, a NAT may change it. */
  isHost(ip: string): boolean {
    return this.#told !== undefined && (ip === this.#ip || ip === this.#told.ip);
  }
}

/** An IP address in its usual spelling, as sockets tell it; undefined when the text is none. */
export function canonicalAddress(text: string): string | undefined {
  switch (isIP(text)) {
    case 4:
      return text;
    case 6:
      return new SocketAddress({ address: text.split("%")[0] ?? text, family: "ipv6" }).address;
    default:
      return undefined;
  }
}
