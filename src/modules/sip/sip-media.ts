import { type Channel, type EngineMessage, listOf } from "../../engine/index.ts";
import {
  type CryptoAttribute,
  codecOfFormat,
  createLocalDescription,
  formatCrypto,
  type LocalAudio,
  type LocalDescription,
  type MediaDescription,
  type NegotiatedAudio,
  parseCrypto,
  type SessionDescription,
  sameMedia,
} from "../../sdp/index.ts";
import { isPrivateAddress } from "./addresses.ts";

/** What a call needs of its sound beside the peer's wishes. */
export interface SipMediaOptions {
  readonly channel: Channel;
  /** What the engine can take, best first. */
  readonly formats: readonly string[];
  /** Address to bind for sound; undefined lets the RTP module find it by the peer's address. */
  readonly localIp: string | undefined;
  /** Told to the peer in the place of the address that is bound. */
  readonly natAddress: string | undefined;
  /** The peer's address on the network, for peers behind a NAT and for offers of ours. */
  readonly peerIp: string;
  /** Offer SRTP. */
  readonly secure: boolean;
}

/** A session description to send, or why there is none. */
export type Description =
  | { readonly kind: "sdp"; readonly text: string }
  | { readonly kind: "none" }
  | { readonly kind: "unacceptable"; readonly why: string };

/** What a new offer of the peer in a running call means. */
export interface Reoffer {
  readonly answer: Description;
  /** The peer hears nothing now: its address was taken away. */
  readonly mute: boolean;
  /** Figures of the RTP session that ended for it. */
  readonly stats?: string | undefined;
}

interface UsableCodec {
  readonly format: string;
  readonly payload: number;
}

interface RtpSession {
  readonly id: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly crypto: CryptoAttribute | undefined;
}

/** The sound of one SIP call: its session descriptions (RFC 3264), and the RTP session behind them by `chan.rtp` (spec/rtp.md §6). */
export class SipMedia {
  readonly #options: SipMediaOptions;
  readonly #local: LocalDescription;
  #formats: readonly string[];
  /** What the peer described last, as an offer or as an answer. */
  #theirs: SessionDescription | undefined;
  /** It was an offer: it wants an answer. */
  #wantsAnswer = false;
  #answered: Description | undefined;
  #rtp: RtpSession | undefined;
  #offered: LocalAudio | undefined;
  #remote: NegotiatedAudio | undefined;
  #started = false;
  /** What stands was described in the running call. */
  #reoffered = false;
  /** The message that opened the RTP session has started it too. */
  #startedAtOnce = false;

  constructor(options: SipMediaOptions) {
    this.#options = options;
    this.#formats = options.formats;
    this.#local = createLocalDescription({
      sessionId: Math.floor(options.channel.driver.engine.clock.now() / 1000),
    });
  }

  /** Sound flows, or would if the peer sent any. */
  get started(): boolean {
    return this.#started;
  }

  /** The peer has said where it takes sound. */
  get known(): boolean {
    return this.#remote !== undefined;
  }

  /** What the peer described last, if it can be used. */
  get described(): SessionDescription | undefined {
    return this.known ? this.#theirs : undefined;
  }

  /** Its RTP session, while there is one. */
  get rtpId(): string | undefined {
    return this.#rtp?.id;
  }

  /** The peer takes keys as events. */
  get takesEvents(): boolean {
    return this.#started && this.#remote !== undefined && this.#remote.eventPayload !== false;
  }

  /** Restricts and orders the formats; names that the engine cannot take are left out, and a list of none of them changes nothing. */
  restrict(formats: string | undefined): void {
    const wanted = listOf(formats).filter((format) => this.#options.formats.includes(format));
    if (wanted.length > 0) this.#formats = wanted;
  }

  /** The caller's offer, to be answered when somebody wants to. */
  receiveOffer(session: SessionDescription): void {
    this.#theirs = session;
    this.#wantsAnswer = true;
    this.#answered = undefined;
  }

  /**
   * The answer to the caller's offer, the same each time it is asked for; an offer of ours when it made none.
   * @param options `atOnce`: sound is to flow as soon as there is a port for it; no need to `start`
   */
  async describe({ atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<Description> {
    if (!this.#theirs || !this.#wantsAnswer) return await this.offer();
    this.#answered ??= await this.#answer(this.#theirs, atOnce);
    return this.#answered;
  }

  /** An offer of our own. */
  async offer(): Promise<Description> {
    if (!(await this.#allocate(undefined, false))) return { kind: "unacceptable", why: "no RTP session" };
    this.#offered = this.#localAudio(undefined);
    return { kind: "sdp", text: this.#local.offer(this.#offered) };
  }

  /** The answer to a callee's offer that came with its 2xx: for that the ports stand already. */
  answerAtOnce(session: SessionDescription): Description {
    this.receiveOffer(session);
    this.#answered = this.#describeAnswer(session);
    return this.#answered;
  }

  /** The answer to our offer; false when it cannot be used. */
  receiveAnswer(session: SessionDescription): boolean {
    const result = this.#offered && this.#local.accept(session, this.#offered);
    if (result?.kind !== "audio") return false;
    this.#theirs = session;
    this.#wantsAnswer = false;
    this.#remote = this.#throughNat(result);
    return true;
  }

  /** What the last description said, as it stands; for a refresh without an offer. */
  get current(): Description {
    const text = this.#local.current;
    return text === "" ? { kind: "none" } : { kind: "sdp", text };
  }

  /** A new offer in the running call: who holds, resumes, moves or refreshes. */
  async reoffer(session: SessionDescription): Promise<Reoffer> {
    const audio = audioOf(session);
    // What stands goes on when an offer is refused (RFC 3261 §14.2).
    if (!audio) return { answer: { kind: "unacceptable", why: "the offer has no sound" }, mute: false };
    if (!this.#common(audio))
      return { answer: { kind: "unacceptable", why: "no common codec" }, mute: false };
    const earlier = this.#theirs && audioOf(this.#theirs);
    const mute = isSilent(audio);
    const stands = !mute && earlier !== undefined && sameMedia(earlier, audio);
    const stats = stands ? undefined : this.terminate();
    this.#reoffered = true;
    this.receiveOffer(session);
    return { answer: await this.describe({ atOnce: true }), mute, stats };
  }

  /** Lets sound flow to and from the peer, once it has said where; again after every change. */
  async start(): Promise<void> {
    const remote = this.#remote;
    const rtp = this.#rtp;
    if (!remote || !rtp || remote.port === 0 || this.#startedAtOnce) {
      this.#startedAtOnce = false;
      return;
    }
    const format = remote.formats[0];
    if (!format) return;
    const message = this.#message(format.format, remote.address, rtp.id);
    if (!this.#reoffered) message.set("localip", rtp.localIp);
    this.#started = true;
    this.#appendRemote(message, remote.address, remote.port, format, remote.eventPayload);
    const audio = this.#theirs && audioOf(this.#theirs);
    for (const [name, value] of audio?.attributes ?? []) message.params.append(`sdp_${name}`, value);
    if (remote.crypto) setCrypto(message, remote.crypto.remote);
    await this.#dispatch(message);
  }

  /** Ends the RTP session. Its figures, when the answer came at once. */
  terminate(): string | undefined {
    const rtp = this.#rtp;
    if (!rtp) return undefined;
    this.#rtp = undefined;
    this.#started = false;
    this.#startedAtOnce = false;
    const { channel } = this.#options;
    const { engine } = channel.driver;
    const message = engine.message("chan.rtp", {
      rtpid: rtp.id,
      media: "audio",
      transport: "RTP/AVP",
      terminate: true,
      ...callParams(channel),
    });
    void engine.kernel.dispatch(message);
    return message.get("stats");
  }

  async #answer(offer: SessionDescription, atOnce: boolean): Promise<Description> {
    const audio = audioOf(offer);
    const wanted = audio && this.#common(audio) && !isSilent(audio);
    if (wanted && !(await this.#allocate(audio, atOnce)))
      return { kind: "unacceptable", why: "no RTP session" };
    return this.#describeAnswer(offer);
  }

  #describeAnswer(offer: SessionDescription): Description {
    const audio = audioOf(offer);
    if (!audio) return { kind: "unacceptable", why: "the offer has no sound" };
    if (!this.#common(audio)) return { kind: "unacceptable", why: "no common codec" };
    const silent = isSilent(audio);
    const result = this.#local.answer(offer, this.#localAudio(audio, silent));
    if (result.kind === "answer") {
      this.#remote = silent ? undefined : this.#throughNat(result.audio);
      return { kind: "sdp", text: result.body };
    }
    if (result.kind === "refused") return { kind: "sdp", text: result.body };
    return { kind: "unacceptable", why: result.problem };
  }

  /** The peer's best format among those we take. */
  #common(audio: MediaDescription): UsableCodec | undefined {
    for (const { format, payload } of audio.codecs)
      if (format !== undefined && this.#formats.includes(format)) return { format, payload };
    return undefined;
  }

  /** A private address that cannot be the peer's seen from here is replaced by where its packets come from (`rtp_nat_addr`). */
  #throughNat(audio: NegotiatedAudio): NegotiatedAudio {
    const address = this.natAddressOf(audio.address);
    return address === undefined ? audio : { ...audio, address };
  }

  /** Where the peer is really reached, if its own address cannot be. */
  natAddressOf(address: string): string | undefined {
    const { peerIp } = this.#options;
    return isPrivateAddress(address) && !isPrivateAddress(peerIp) ? peerIp : undefined;
  }

  #localAudio(audio: MediaDescription | undefined, muted = false): LocalAudio {
    const { natAddress, localIp } = this.#options;
    const secure = audio ? audio.crypto.length > 0 : this.#options.secure;
    return {
      address: natAddress ?? this.#rtp?.localIp ?? localIp ?? "127.0.0.1",
      port: this.#rtp?.localPort ?? 0,
      formats: this.#formats,
      events: 101,
      direction: "sendrecv",
      muted,
      transport: secure ? "RTP/SAVP" : "RTP/AVP",
      ...(secure && this.#rtp?.crypto ? { crypto: this.#rtp.crypto } : {}),
    };
  }

  async #allocate(audio: MediaDescription | undefined, atOnce: boolean): Promise<boolean> {
    if (this.#rtp) return true;
    const codec = audio && this.#common(audio);
    const address = audio ? (this.natAddressOf(audio.address) ?? audio.address) : this.#options.peerIp;
    const message = this.#message(codec?.format ?? this.#formats[0] ?? "alaw", address);
    if (this.#options.localIp) message.set("localip", this.#options.localIp);
    const starts = atOnce && codec !== undefined && audio !== undefined && audio.crypto.length === 0;
    if (starts) this.#appendRemote(message, address, audio.port, codec, audio.eventPayload ?? false);
    else message.set("remoteip", address);
    for (const [name, value] of audio?.attributes ?? []) message.params.append(`sdp_${name}`, value);
    const theirs = audio?.crypto[0];
    if (theirs) setCrypto(message, theirs);
    else if (!audio && this.#options.secure) message.set("secure", true);
    if (!(await this.#dispatch(message))) return false;
    const port = message.integer("localport", 0);
    const ours = parseCrypto(
      `${theirs?.tag ?? 1} ${message.get("ocrypto_suite") ?? ""} ${message.get("ocrypto_key") ?? ""}`,
    );
    if (port === 0) return false;
    if (starts) {
      this.#started = true;
      this.#startedAtOnce = true;
    }
    this.#rtp = {
      id: message.get("rtpid") ?? "",
      localIp: message.get("localip") ?? "",
      localPort: port,
      crypto: ours.kind === "crypto" ? ours.crypto : undefined,
    };
    return true;
  }

  /** Where sound is to go, and its payload numbers as far as they are not the usual ones. */
  #appendRemote(
    message: EngineMessage,
    address: string,
    port: number,
    { format, payload }: UsableCodec,
    events: number | false,
  ): void {
    message.set("remoteip", address).set("remoteport", port);
    if (codecOfFormat(format)?.staticPayload !== payload) message.set("payload", payload);
    message.set("evpayload", events);
  }

  #message(format: string, remoteIp: string, rtpId?: string): EngineMessage {
    const { channel } = this.#options;
    return channel.driver.engine.message(
      "chan.rtp",
      {
        id: channel.id,
        module: channel.driver.name,
        ...callParams(channel),
        rtpid: rtpId,
        media: "audio",
        transport: "RTP/AVP",
        direction: "bidir",
        format,
        ipv6_support: remoteIp.includes(":"),
      },
      channel,
    );
  }

  async #dispatch(message: EngineMessage): Promise<boolean> {
    return await this.#options.channel.driver.engine.kernel.dispatch(message);
  }
}

/** The peer's key, as `chan.rtp` takes it (spec/rtp.md §6). */
function setCrypto(message: EngineMessage, crypto: CryptoAttribute): void {
  const [tag = "", suite = "", key = ""] = formatCrypto(crypto).split(" ");
  message.set("secure", true).set("crypto_tag", tag).set("crypto_suite", suite).set("crypto_key", key);
}

function callParams(channel: Channel): Record<string, string> {
  return {
    call_direction: channel.direction,
    call_address: channel.address,
    call_status: channel.status,
    call_billid: channel.billId,
  };
}

function audioOf(session: SessionDescription): MediaDescription | undefined {
  return session.media.find(({ kind }) => kind === "audio");
}

/** The peer takes no sound: the old way to hold (RFC 2543), or a port of 0. */
function isSilent(audio: MediaDescription): boolean {
  return audio.isNullAddress || audio.port === 0;
}
