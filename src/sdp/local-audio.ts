import type { CryptoAttribute } from "./crypto.ts";
import type { Direction } from "./description.ts";

/** What we say of our own sound in an offer or an answer. */
export interface LocalAudio {
  /** Where we receive: an IPv4 or IPv6 address (without brackets); its type follows from the colons. */
  readonly address: string;
  /** Where we receive; 0 refuses the sound. */
  readonly port: number;
  /** What we can take, in the engine's names, best first. Names without an RTP encoding are left out. */
  readonly formats: readonly string[];
  /** Payload of telephone-event in our offers, or false: no keys over RTP. Default 101. */
  readonly events?: number | false;
  /** What we want. Default `sendrecv`. In an answer it is narrowed to what the offer allows. */
  readonly direction?: Direction;
  /**
   * Write the null address and port 0 instead of ours (what YATE answers to a null address, spec/sip.md §4). By RFC 3264 §6 a
   * port of 0 ends the stream until the next offer; leave it out to answer a null address as any other.
   */
  readonly muted?: boolean;
  /** Default `RTP/AVP`; an answer has that of the offer. `RTP/SAVP` needs {@link crypto}. */
  readonly transport?: string;
  /** Our key. An answer carries it under the tag of the offered line it goes with: the first of the same suite. */
  readonly crypto?: CryptoAttribute;
  /** Other `a=` lines (`osdp_<name>`), in order. Line breaks become blanks; names that are no token are left out. */
  readonly attributes?: readonly (readonly [name: string, value: string])[];
  /** Packet time we ask for, in milliseconds. Default: no such line. */
  readonly ptimeMs?: number;
  /** fmtp of formats by their name, in place of that of `rtpFormats`. */
  readonly fmtp?: Readonly<Record<string, string>>;
}
