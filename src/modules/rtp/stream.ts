import { randomInt, randomUUID } from "node:crypto";
import type { Clock } from "../../base/index.ts";
import {
  BlockAligner,
  type OpusEncoder,
  opusFrameMs,
  opusFrameSamples,
  samplesOf,
} from "../../media/index.ts";
import {
  createEventReceiver,
  createEventSender,
  createOpusPlayout,
  createPlayoutBuffer,
  createRtcpSession,
  createRtpReceiver,
  createRtpSender,
  type EventReceiver,
  type EventSender,
  isGood,
  type PlayoutBuffer,
  parseRtpPacket,
  type RtcpSession,
  type RtpPacket,
  type RtpReceiver,
  type RtpSender,
  type SoundQuality,
  soundQuality,
  type TelephoneEvent,
} from "../../rtp/index.ts";
import type { RtpSessionSettings } from "./settings.ts";
import type { StreamFormat } from "./stream-format.ts";

/** Figures of a session, as far as the stream knows them. */
export interface StreamFigures extends SoundQuality {
  readonly sent: number;
  readonly sentOctets: number;
  readonly receivedOctets: number;
  /** Frames of 20 ms that the playout buffer made up or left out to follow the network or the peer's clock. */
  readonly inserted: number;
  readonly skipped: number;
  /** Packets that it threw away because nobody took them, or they were of no use. */
  readonly dropped: number;
  /** Of RTCP; undefined before the peer's first report about what was sent to it. */
  readonly roundTripMs: number | undefined;
  /** Share of what was sent that the peer did not get, 0…1, of its last report. */
  readonly remoteFractionLost: number | undefined;
  /** Packets that the peer did not get, and how unevenly they came, of its last report. */
  readonly remoteLost: number | undefined;
  readonly remoteJitterMs: number | undefined;
  /** Datagrams that were no RTP. */
  readonly malformed: number;
}

/** Figures of a session. */
export interface RtpFigures extends StreamFigures {
  /** Packets dropped because they came from somebody else's address. */
  readonly strangers: number;
  /** Packets dropped because the system took no more. */
  readonly unsent: number;
  /** Packets that did not have the peer's key. */
  readonly forged: number;
}

export interface StreamOptions {
  readonly stream: StreamFormat;
  readonly settings: RtpSessionSettings;
  readonly maxPayloadBytes: number;
  readonly transmit: (packet: Uint8Array) => void;
  /** A key was pressed at the other side. */
  readonly key: (key: string) => void;
  /** A packet of a payload type that is not the session's; told once. */
  readonly oddPayload: (payloadType: number) => void;
}

/** The packets of one session, in and out: it knows no address and no socket. */
export interface Stream {
  readonly figures: StreamFigures;
  parse(bytes: Uint8Array): RtpPacket | undefined;
  /** Whether the packet is of a payload type of the session. */
  expects(packet: RtpPacket): boolean;
  /** Takes a packet of the peer; false when it was of no use. */
  receive(packet: RtpPacket, nowMs: number): boolean;
  /** Takes an RTCP datagram of the peer; false when it was none. */
  receiveReport(bytes: Uint8Array, nowMs: number, wallMs: number): boolean;
  /** The next packet is right whatever it continues. */
  resynchronize(): void;
  change(stream: StreamFormat): void;
  /** A block of sound goes out at once, unless a key is being sent. */
  send(block: Uint8Array, nowMs: number): void;
  /** Queues keys; false when the peer takes none. */
  press(keys: string, nowMs: number, durationUnits: number | undefined): boolean;
  /** Every 20 ms: keys go on; the next block of what has come, if there is one. @param heard whether sound is wanted at all */
  tick(nowMs: number, heard: boolean): Uint8Array | undefined;
  /** The report that is due, if one is. */
  report(nowMs: number, clock: Clock): Uint8Array | undefined;
  /** The last report; undefined where reports are off. */
  goodbye(nowMs: number, wallMs: number): Uint8Array | undefined;
}

/** RFC 3389; it tells that silence is meant. */
const comfortNoise = 13;

/** What has the clock rate of the sound in it, and is made anew when that changes. */
interface Parts {
  readonly sender: RtpSender;
  readonly receiver: RtpReceiver;
  readonly rtcp: RtcpSession;
  readonly keys: EventSender;
}

export function createStream(options: StreamOptions): Stream {
  const { settings, transmit } = options;
  let stream = options.stream;
  let malformed = 0;
  let oddTold = false;
  let listening = true;
  /** Its first poll sets when it is due. */
  let polled: RtcpSession | undefined;
  const events: EventReceiver = createEventReceiver();
  const aligner = new BlockAligner(2 * opusFrameSamples);
  let playout: PlayoutBuffer = createPlayout();
  let parts: Parts = createParts();
  /** Made with the first block: sound need not flow both ways. */
  let encoder: OpusEncoder | undefined;

  function createPlayout(): PlayoutBuffer {
    const { format, networkOrder, codec } = stream;
    const { minJitterMs, maxJitterMs } = settings;
    // A limit of 0 asks the reference engine for no buffer. Here sound goes by ticks, and the buffer stays as small as it can be.
    const maxMs = maxJitterMs || undefined;
    const minMs =
      minJitterMs === undefined || maxMs === undefined ? minJitterMs : Math.min(minJitterMs, maxMs);
    if (codec) return createOpusPlayout({ decoder: codec.createDecoder(), minMs, maxMs });
    return createPlayoutBuffer({ format, networkOrder, minMs, maxMs });
  }

  function createParts(): Parts {
    const { format, payload: payloadType, networkOrder, clockRateHz } = stream;
    const sender = createRtpSender({
      ssrc: randomInt(2 ** 32),
      sequence: randomInt(2500, 62_501),
      timestampOffset: randomInt(2 ** 32),
      payload: { payloadType, format, networkOrder, clockRateHz },
      maxBlockBytes: options.maxPayloadBytes,
      transmit,
    });
    const receiver = createRtpReceiver({ clockRateHz, accepts: isOurs, anySsrc: settings.anySource });
    return {
      sender,
      receiver,
      rtcp: createRtcpSession({
        sender,
        receiver,
        cname: randomUUID(),
        intervalMs: settings.rtcpIntervalMs,
        random: Math.random,
      }),
      keys: createEventSender({ sender, clockRateHz, payloadType: stream.eventPayload ?? 0 }),
    };
  }

  function isOurs(payloadType: number): boolean {
    return (
      payloadType === stream.payload || payloadType === stream.eventPayload || payloadType === comfortNoise
    );
  }

  const tell = (ended: readonly TelephoneEvent[]): void => {
    for (const { key } of ended) if (key !== undefined) options.key(key);
  };

  return {
    get figures() {
      const { sender, receiver, rtcp } = parts;
      const { roundTripMs, remoteFractionLost, remoteLost, remoteJitterMs } = rtcp.figures;
      return {
        ...soundQuality(stream.format.codec, receiver.figures, playout.figures, roundTripMs),
        sent: sender.figures.packets,
        sentOctets: sender.figures.octets,
        receivedOctets: receiver.figures.octets,
        inserted: playout.figures.inserted,
        skipped: playout.figures.skipped,
        dropped: playout.figures.dropped,
        roundTripMs,
        remoteFractionLost,
        remoteLost,
        remoteJitterMs,
        malformed,
      };
    },
    parse(bytes) {
      const packet = parseRtpPacket(bytes);
      if (typeof packet !== "string") return packet;
      malformed++;
      return undefined;
    },
    expects: (packet) => isOurs(packet.payloadType),
    receive(packet, nowMs) {
      const verdict = parts.receiver.receive(packet, nowMs);
      if (verdict === "payload" && !oddTold) {
        oddTold = true;
        options.oddPayload(packet.payloadType);
      }
      if (!isGood(verdict)) return false;
      const restart = verdict === "restart";
      if (restart) tell(events.restart());
      if (packet.payloadType === stream.payload) {
        if (listening) playout.put(packet, nowMs, restart);
        tell(events.sound(packet.timestamp));
        return true;
      }
      if (restart) playout.reset();
      playout.skip(packet.sequence);
      if (packet.payloadType === stream.eventPayload) tell(events.receive(packet, nowMs));
      return true;
    },
    receiveReport: (bytes, nowMs, wallMs) => parts.rtcp.receive(bytes, { monotonicMs: nowMs, wallMs }),
    resynchronize() {
      parts.receiver.resynchronize();
    },
    change(wanted) {
      const before = stream;
      stream = wanted;
      if (wanted.clockRateHz !== before.clockRateHz) parts = createParts();
      else {
        const { payload: payloadType, format, networkOrder, clockRateHz } = wanted;
        parts.sender.changePayload({ payloadType, format, networkOrder, clockRateHz });
        parts.keys.payloadType = wanted.eventPayload ?? 0;
      }
      if (wanted.name !== before.name || wanted.networkOrder !== before.networkOrder)
        playout = createPlayout();
      if (wanted.codec !== before.codec) encoder = undefined;
      oddTold = false;
    },
    send(block, nowMs) {
      if (!stream.codec) return parts.sender.send(block, nowMs);
      encoder ??= stream.codec.createEncoder();
      const samples = samplesOf(aligner.push(block));
      for (let at = 0; at < samples.length; at += opusFrameSamples) {
        const packet = encoder.encode(samples.subarray(at, at + opusFrameSamples));
        parts.sender.sendCoded(packet, opusFrameMs, nowMs);
      }
    },
    press(keys, nowMs, durationUnits) {
      if (stream.eventPayload === undefined) return false;
      parts.keys.press(keys, nowMs, durationUnits);
      return true;
    },
    tick(nowMs, heard) {
      if (parts.keys.active) parts.keys.tick(nowMs);
      tell(events.tick(nowMs));
      if (heard !== listening) {
        listening = heard;
        playout.reset();
      }
      return heard ? playout.take(nowMs) : undefined;
    },
    report(nowMs, clock) {
      const { rtcp } = parts;
      if (settings.rtcpIntervalMs === 0 || (polled === rtcp && nowMs < rtcp.dueMs)) return undefined;
      polled = rtcp;
      return rtcp.poll({ monotonicMs: nowMs, wallMs: clock.now() });
    },
    goodbye(nowMs, wallMs) {
      if (parts.keys.active) parts.keys.stop();
      if (settings.rtcpIntervalMs === 0) return undefined;
      return parts.rtcp.goodbye({ monotonicMs: nowMs, wallMs });
    },
  };
}
