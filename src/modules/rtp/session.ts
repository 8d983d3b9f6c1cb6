import type { RemoteInfo } from "node:dgram";
import type { CallEndpoint, Engine } from "../../engine/index.ts";
import type { SrtpKeys } from "../../rtp/index.ts";
import type { Tap } from "../trace/index.ts";
import { RateLimit } from "./rate-limit.ts";
import type { WantedKeys } from "./rtp-messages.ts";
import { RtpConsumer, RtpSource } from "./rtp-nodes.ts";
import type { RtpSessionSettings, RtpSettings } from "./settings.ts";
import { SilenceWatch } from "./silence-watch.ts";
import type { SocketPair } from "./sockets.ts";
import { createStream, type RtpFigures, type Stream } from "./stream.ts";
import { type StreamFormat, sameStream } from "./stream-format.ts";
import { Wire } from "./wire.ts";

/** An app attached it by `chan.attach`, or it was negotiated for a phone by `chan.rtp`. */
export type SessionOrigin = "attached" | "negotiated";

/** Which ways sound may go, seen from here. */
export interface StreamDirection {
  readonly receive: boolean;
  readonly send: boolean;
}

/** What sessions need of their module. */
export interface SessionHost {
  readonly engine: Engine;
  readonly settings: RtpSettings;
  readonly tap: Pick<Tap, "rtp">;
  /** Called once. */
  readonly ended: (session: RtpSession) => void;
}

export interface SessionInit {
  readonly id: string;
  readonly endpoint: CallEndpoint;
  readonly media: string;
  readonly origin: SessionOrigin;
  readonly stream: StreamFormat;
  readonly pair: SocketPair;
  readonly settings: RtpSessionSettings;
}

/** RFC 4733 asks for 40 ms of a key and as much of a pause; what a hostile peer sends beyond is no message to everybody. */
const keysPerSecond = 25;
const keyBurst = 50;

/**
 * One RTP session: two sockets, a source that the engine hears and a consumer that it feeds, and the stream of packets
 * between them (spec/rtp.md §1). It lives as long as one of its nodes has its place in the channel; it is started as soon
 * as it knows where to send.
 */
export class RtpSession {
  readonly id: string;
  readonly endpoint: CallEndpoint;
  readonly media: string;
  readonly origin: SessionOrigin;
  readonly localIp: string;
  readonly localPort: number;
  /** The peer has put the call on hold: its silence means nothing, and it is sent no sound (RFC 3264 §6.1). */
  held = false;
  readonly #host: SessionHost;
  readonly #settings: RtpSessionSettings;
  readonly #wire: Wire;
  readonly #silence: SilenceWatch;
  readonly #flow: Stream;
  #streamFormat: StreamFormat;
  #direction: StreamDirection = { receive: true, send: true };
  #source: RtpSource | undefined;
  #consumer: RtpConsumer | undefined;
  #unticked: (() => void) | undefined;
  #ended = false;
  readonly #keyRate = new RateLimit(keyBurst, keysPerSecond);
  #keysDropped = false;

  constructor(host: SessionHost, init: SessionInit) {
    const { settings, pair, stream } = init;
    this.#host = host;
    this.id = init.id;
    this.endpoint = init.endpoint;
    this.media = init.media;
    this.origin = init.origin;
    this.#settings = settings;
    this.#streamFormat = stream;
    this.localIp = pair.address;
    this.localPort = pair.port;
    this.#wire = new Wire({
      pair,
      follows: settings.autoAddress,
      keepsEarly: init.origin === "negotiated",
      nowMs: () => this.#nowMs(),
      log: host.engine.log,
      name: () => `${this.id} (${this.channelId})`,
      sound: (packet, from, arrivalMs) => this.#received(packet, from, arrivalMs),
      report: (packet) => this.#reportReceived(packet),
    });
    this.#silence = new SilenceWatch(host, this, settings.timeoutMs);
    this.#flow = createStream({
      stream,
      settings,
      maxPayloadBytes: host.settings.maxPayloadBytes,
      transmit: (packet) => this.#wire.sendSound(packet),
      key: (key) => this.#key(key),
      oddPayload: (payload) =>
        host.engine.log.info(`${this.id}: payload ${payload} is none of this session and is dropped`),
    });
  }

  /** Id of the channel it belongs to. */
  get channelId(): string {
    return this.endpoint.id;
  }

  /** Id of who is connected to that channel; empty when nobody is. */
  get peerId(): string {
    return this.endpoint.peer?.id ?? "";
  }

  get stream(): StreamFormat {
    return this.#streamFormat;
  }

  get direction(): StreamDirection {
    return this.#direction;
  }

  /** Where it sends, as `<ip>:<port>`; undefined before it knows. */
  get remote(): string | undefined {
    return this.#wire.remote.known ? `${this.#wire.remote.ip}:${this.#wire.remote.port}` : undefined;
  }

  /** It knows where to send, and has not ended. */
  get started(): boolean {
    return this.#unticked !== undefined;
  }

  set timeoutMs(ms: number) {
    this.#silence.timeoutMs = ms;
  }

  /** Keys of what this side sends; undefined for sound in the clear. */
  get localKeys(): SrtpKeys | undefined {
    return this.#wire.localKeys;
  }

  get figures(): RtpFigures {
    const { remote, unsent, forged } = this.#wire;
    return { ...this.#flow.figures, strangers: remote.strangers, unsent, forged };
  }

  /** As in `stats` of `chan.rtp` and `rtp_stats` (spec/rtp.md §6). */
  get stats(): string {
    const { sent, sentOctets, received, receivedOctets, lost } = this.#flow.figures;
    return `PS=${sent},OS=${sentOctets},PR=${received},OR=${receivedOctets},PL=${lost}`;
  }

  /** Puts the nodes in their places; false when none came to stand there: the session has ended then. */
  install(
    wanted: { readonly source: boolean; readonly consumer: boolean },
    where: "replace" | "keep",
  ): boolean {
    const { audio } = this.endpoint;
    if (wanted.source && (where === "replace" || !audio.source)) this.#placeSource();
    if (wanted.consumer && (where === "replace" || !audio.consumer)) this.#placeConsumer();
    this.#check();
    return !this.#ended;
  }

  /** Sends to another address from now on, and takes what comes from there whatever it continues; starts the session. */
  tell(ip: string, port: number): void {
    if (this.#ended) return;
    // A phone's description is told again whenever it is refreshed: that must not undo what its packets have shown, nor let a
    // stranger in. An app that attaches again means it.
    if (this.origin === "negotiated" && this.#wire.remote.isTold(ip, port)) return;
    const before = { ip: this.#wire.remote.ip, port: this.#wire.remote.port };
    this.#wire.remote.tell(ip, port);
    if (this.started && (before.ip !== this.#wire.remote.ip || before.port !== port))
      this.#flow.resynchronize();
    this.#silence.begin(this.#nowMs());
    if (this.started) return;
    this.#unticked = this.#host.engine.ticker.subscribe(() => this.#tick());
    if (this.#settings.drillHole) this.#wire.drill();
    this.#wire.takeEarly();
  }

  /** Goes on with other payloads, and with nodes of another format if need be. */
  carry(stream: StreamFormat): void {
    const before = this.#streamFormat;
    if (sameStream(stream, before)) return;
    this.#streamFormat = stream;
    this.#flow.change(stream);
    if (stream.format === before.format) return;
    const { audio } = this.endpoint;
    if (this.#source && audio.source === this.#source) this.#placeSource();
    if (this.#consumer && audio.consumer === this.#consumer) this.#placeConsumer();
  }

  direct(direction: StreamDirection): void {
    this.#direction = direction;
  }

  /** Protects the sound (SRTP); false when the peer's suite is not the one that was told to it. */
  protect(keys: WantedKeys): boolean {
    return this.#wire.protect(keys);
  }

  /**
   * Sends keys as events, one after the other.
   * @param durationUnits in timestamp units
   * @returns false when there is nowhere to send them, or the peer takes none
   */
  press(keys: string, durationUnits: number | undefined): boolean {
    if (!this.started || !this.#flow.press(keys, this.#nowMs(), durationUnits)) return false;
    for (const key of keys) this.#host.tap.rtp?.key(this, key, "out");
    return true;
  }

  /** Says goodbye and closes the sockets; its nodes leave the channel. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unticked?.();
    this.#unticked = undefined;
    if (this.#wire.remote.known) {
      const goodbye = this.#flow.goodbye(this.#nowMs(), this.#host.engine.clock.now());
      if (goodbye) this.#wire.sendReport(goodbye);
    }
    this.#wire.close();
    const { audio } = this.endpoint;
    if (this.#source && audio.source === this.#source) audio.setSource(undefined);
    if (this.#consumer && audio.consumer === this.#consumer) audio.setConsumer(undefined);
    this.#host.ended(this);
  }

  #nowMs(): number {
    return this.#host.engine.clock.monotonicMs();
  }

  #placeSource(): void {
    const source = new RtpSource(this.#streamFormat.format.name, () => {
      if (this.#source !== source) return;
      this.#source = undefined;
      this.#check();
    });
    this.#source = source;
    const release = source.hold();
    this.endpoint.audio.setSource(source);
    release();
  }

  #placeConsumer(): void {
    const consumer = new RtpConsumer(
      this.#streamFormat.format.name,
      (block) => this.#heard(block),
      () => {
        if (this.#consumer !== consumer) return;
        this.#consumer = undefined;
        this.#check();
      },
    );
    this.#consumer = consumer;
    const release = consumer.hold();
    this.endpoint.audio.setConsumer(consumer);
    release();
  }

  #check(): void {
    if (!this.#source && !this.#consumer) this.end();
  }

  /** A block of the engine goes out at once. */
  #heard(block: Uint8Array): void {
    if (this.started && this.#direction.send && !this.held) this.#flow.send(block, this.#nowMs());
  }

  #tick(): void {
    const now = this.#nowMs();
    const block = this.#flow.tick(now, this.#source !== undefined);
    if (block && this.#direction.receive) this.#source?.deliver(block);
    // Whoever heard the block may have ended the call.
    if (this.#ended) return;
    const report = this.#flow.report(now, this.#host.engine.clock);
    if (report) this.#wire.sendReport(report);
    this.#silence.check(now);
  }

  #received(bytes: Uint8Array, from: RemoteInfo, arrivalMs: number): void {
    if (!this.started) return;
    const packet = this.#flow.parse(bytes);
    if (!packet) return;
    if (this.#wire.remote.judge(from.address, from.port, this.#flow.expects(packet)) === "stranger")
      this.#wire.reportStranger(from, arrivalMs);
    else if (this.#flow.receive(packet, arrivalMs)) this.#silence.heard(arrivalMs);
  }

  #reportReceived(bytes: Uint8Array): void {
    if (!this.started) return;
    const now = this.#nowMs();
    if (this.#flow.receiveReport(bytes, now, this.#host.engine.clock.now())) this.#silence.heard(now);
  }

  #key(key: string): void {
    if (!this.#keyRate.take(this.#nowMs())) {
      if (!this.#keysDropped)
        this.#host.engine.log.warn(
          `${this.id} (${this.channelId}): keys come faster than fingers move, some are dropped`,
        );
      this.#keysDropped = true;
      return;
    }
    this.#host.tap.rtp?.key(this, key, "in");
    this.#host.engine.enqueue("chan.masquerade", {
      id: this.channelId,
      message: "chan.dtmf",
      text: key,
      detected: "rfc2833",
    });
  }
}
