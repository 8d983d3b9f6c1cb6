import type { SipFlow } from "../../sip/index.ts";
import type { RegistrationEntry } from "../../trace/index.ts";

/** An RTP session, as far as a trace tells of it. */
export interface TappedSession {
  readonly id: string;
  readonly channelId: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly remote: string | undefined;
  readonly stream: { readonly name: string };
  readonly figures: {
    readonly received: number;
    readonly lost: number;
    readonly late: number;
    readonly jitterMs: number;
    readonly delayMs: number;
    readonly concealedMs: number;
    readonly mos: number | undefined;
    readonly sent: number;
    readonly remoteLost: number | undefined;
    readonly remoteJitterMs: number | undefined;
  };
}

export type SipTap = (direction: "in" | "out", bytes: Uint8Array, flow: SipFlow) => void;

export interface RtpTap {
  readonly opened: (session: TappedSession) => void;
  readonly closed: (session: TappedSession) => void;
  readonly key: (session: TappedSession, key: string, direction: "in" | "out") => void;
}

/**
 * Where modules tell what happens on their wires, and what they have. `sip` and `rtp` are undefined while nobody wants to know, and
 * then the telling costs one look; what they are given must not be changed, and they do not throw.
 */
export interface Tap {
  sip: SipTap | undefined;
  rtp: RtpTap | undefined;
  /** Id of the channel of a SIP call; "" for none. */
  channelOfCall: (callId: string) => string;
  /** Sessions that are open. */
  rtpSessions: () => Iterable<TappedSession>;
  /** Phones and lines, of each module that has some. */
  readonly registrations: (() => Iterable<RegistrationEntry>)[];
}

/** One for each engine, shared by its modules. */
export function createTap(): Tap {
  return {
    sip: undefined,
    rtp: undefined,
    channelOfCall: () => "",
    rtpSessions: () => [],
    registrations: [],
  };
}
