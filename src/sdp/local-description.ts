import { YaytsError } from "../base/index.ts";
import {
  type Direction,
  type EventPayload,
  isSecureTransport,
  type MediaDescription,
  type SessionDescription,
} from "./description.ts";
import { codecOfFormat } from "./formats.ts";
import type { LocalAudio } from "./local-audio.ts";
import {
  commonCodecs,
  cryptoOf,
  eventFor,
  type NegotiatedAudio,
  type NoAudio,
  negotiated,
  type RejectedAudio,
} from "./negotiate.ts";
import { createPayloadNumbers } from "./payload-numbers.ts";
import { type AudioLines, type MediaSlot, writeBody } from "./write.ts";

/** What {@link LocalDescription.answer} comes to. */
export type AnswerResult =
  | { readonly kind: "answer"; readonly body: string; readonly audio: NegotiatedAudio }
  /** The caller gave port 0: every stream is refused in a proper answer. */
  | { readonly kind: "refused"; readonly body: string }
  /** Nothing in common; nothing was written, and the description stands as it was. The caller decides, usually 488. */
  | { readonly kind: NoAudio; readonly problem: string };

/** Our side of one session: what we offered and answered so far (RFC 3264). */
export interface LocalDescription {
  /** The body sent last, empty before the first. Sent again as it is, it is an offer that changes nothing. */
  readonly current: string;
  /**
   * A body that offers our sound, in the place it had so far; streams that were refused stay refused (RFC 3264 §8). Without any
   * format that has an RTP encoding the stream is offered with port 0.
   */
  offer(local: LocalAudio): string;
  /**
   * The answer to an offer (RFC 3264 §6): one media description for each of the offer in its order. The first audio that can be
   * used is taken with all common formats in the caller's order under its numbers, all else gets port 0.
   */
  answer(remote: SessionDescription, local: LocalAudio): AnswerResult;
  /** What an answer to our last offer comes to. `local` is what was offered. */
  accept(answer: SessionDescription, local: LocalAudio): NegotiatedAudio | RejectedAudio;
}

const PROBLEMS: Readonly<Record<NoAudio, string>> = {
  "no-audio": "no audio stream is offered",
  "no-codec": "no common codec",
  "no-transport": "no transport of the audio can be used",
  "no-crypto": "no key of the secure audio can be used",
};

/** RFC 4733 §2.5.1.1: the keys and flash. */
const EVENTS_WE_TAKE = "0-16";
/** spec/sip.md §4. */
const DEFAULT_EVENTS = 101;

/**
 * Our description of a new session. Its origin keeps user, id and address; its version starts at `sessionId` and grows by one
 * whenever the rest of the body changes.
 * @param options.user one word, default `yate`.
 * @param options.sessionId whole number, usually the time in seconds.
 * @param options.name the subject line, default `SIP Call`.
 * @throws YaytsError `bad-argument` for a user or id that cannot be written; later for such an address.
 */
export function createLocalDescription(options: {
  readonly user?: string;
  readonly sessionId: number;
  readonly name?: string;
}): LocalDescription {
  const { user = "yate", sessionId, name = "SIP Call" } = options;
  if (!/^[!-~]+$/.test(user))
    throw new YaytsError("bad-argument", `user ${JSON.stringify(user)} is not one word`);
  if (!Number.isSafeInteger(sessionId) || sessionId < 0) {
    throw new YaytsError("bad-argument", `sessionId ${sessionId} is no whole number`);
  }
  const numbers = createPayloadNumbers();
  let slots: readonly MediaSlot[] = [];
  let audioIndex = 0;
  let originAddress = "";
  let version = sessionId;
  let current = "";

  function write(local: LocalAudio, media: readonly MediaSlot[], audio: AudioLines | undefined): string {
    originAddress ||= local.address;
    const body = (): string =>
      writeBody({ user, sessionId, sessionVersion: version, originAddress, name }, local, media, audio);
    let next = body();
    if (current !== "" && next !== current) {
      version++;
      next = body();
    }
    slots = media;
    current = next;
    return current;
  }

  return {
    get current() {
      return current;
    },

    offer(local) {
      const wanted = local.events ?? DEFAULT_EVENTS;
      const rows = local.formats.map(codecOfFormat).filter((row) => row !== undefined);
      const events = wanted === false ? [] : numbers.offeredEvents(wanted, rows);
      const codecs = numbers.offered(local.formats);
      const transport = local.transport ?? "RTP/AVP";
      const payloads = [...codecs, ...events].map(({ payload }) => String(payload));
      if (!slots[audioIndex]) audioIndex = slots.length;
      const media = [...slots];
      media[audioIndex] = { kind: "audio", transport, payloads: codecs.length > 0 ? payloads : ["0"] };
      if (codecs.length === 0) return write(local, media, undefined);
      return write(local, media, {
        index: audioIndex,
        codecs: codecs.map(({ payload, row }) => {
          const fmtp = local.fmtp?.[row.format] ?? row.fmtp;
          return {
            payload,
            encoding: row.encoding,
            clockRateHz: row.clockRateHz,
            channels: row.channels,
            ...(fmtp !== undefined && { fmtp }),
          };
        }),
        events: events.map((event) => ({ ...event, fmtp: EVENTS_WE_TAKE })),
        ...(local.direction !== undefined && { direction: local.direction }),
        ...(isSecureTransport(transport) && local.crypto && { crypto: local.crypto }),
      });
    },

    answer(remote, local) {
      const media = remote.media.map(
        ({ kind, transport, payloads }): MediaSlot => ({ kind, transport, payloads }),
      );
      if (local.port === 0 && !local.muted) {
        audioIndex = remote.media.findIndex((one) => one.kind.toLowerCase() === "audio");
        return { kind: "refused", body: write(local, media, undefined) };
      }
      let why: NoAudio | undefined;
      for (const one of remote.media) {
        const audio = negotiated(local, one);
        if (audio.kind === "audio") {
          audioIndex = one.index;
          return {
            kind: "answer",
            body: write(local, ...answered(media, one, local, audio.direction)),
            audio,
          };
        }
        if (audio.why !== "no-audio") why ??= audio.why;
      }
      const kind = why ?? "no-audio";
      return { kind, problem: PROBLEMS[kind] };
    },

    accept(answer, local) {
      const isAudio = (one: MediaDescription | undefined): boolean => one?.kind.toLowerCase() === "audio";
      const place = answer.media[audioIndex];
      const media = isAudio(place) ? place : answer.media.find(isAudio);
      return media ? negotiated(local, media, numbers.formats) : { kind: "rejected", why: "no-audio" };
    },
  };

  /** The media of an answer that takes the sound of `remote`. */
  function answered(
    media: readonly MediaSlot[],
    remote: MediaDescription,
    local: LocalAudio,
    direction: Direction,
  ): [MediaSlot[], AudioLines] {
    const common = commonCodecs(local, remote);
    const events = local.events === false ? [] : answeredEvents(common, remote.events);
    for (const { format, payload } of common) numbers.learn(format, payload);
    for (const event of events) numbers.learnEvent(event);
    const codecs = common.map(({ format, payload, encoding, clockRateHz, channels }) => {
      const fmtp = local.fmtp?.[format] ?? codecOfFormat(format)?.fmtp;
      return { payload, encoding, clockRateHz, channels, ...(fmtp !== undefined && { fmtp }) };
    });
    const payloads = [...codecs, ...events].map(({ payload }) => String(payload));
    const crypto = isSecureTransport(remote.transport) ? cryptoOf(local, remote)?.local : undefined;
    return [
      media.map((slot, index) => (index === remote.index ? { ...slot, payloads } : slot)),
      {
        index: remote.index,
        codecs,
        events: events.map(({ payload, clockRateHz }) => ({ payload, clockRateHz, fmtp: EVENTS_WE_TAKE })),
        // spec/sip.md §4: only if the other side gave one; RFC 3264 §6.1 if ours is narrower.
        ...((remote.directionGiven || direction !== "sendrecv") && { direction }),
        ...(crypto && { crypto }),
      },
    ];
  }
}

/** Those at a clock rate of the codecs (RFC 4733 §2.1), else the best there is. */
function answeredEvents(
  codecs: readonly { readonly clockRateHz: number }[],
  offered: readonly EventPayload[],
): readonly EventPayload[] {
  const fitting = offered.filter((event) => codecs.some((codec) => codec.clockRateHz === event.clockRateHz));
  if (fitting.length > 0) return fitting;
  const best = codecs[0] && eventFor(codecs[0], offered);
  return best ? [best] : [];
}
