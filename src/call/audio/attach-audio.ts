import { isIP } from "node:net";
import {
  Abandoned,
  Disconnected,
  errorText,
  type Logger,
  onAbort,
  realClock,
  YaytsError,
} from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import type { AttachAudioOptions, AttachAudioOutcome, AudioEnd } from "./audio.ts";
import { audioCodec, wideCodec } from "./audio-codec.ts";
import { bindAudioSocket } from "./audio-socket.ts";
import { attachLeg, detachLeg } from "./engine-attach.ts";
import { LegAudio } from "./leg-audio.ts";

const defaultTimeoutMs = 5000;

/** The attachment of each leg: a second one would be in the way of the first. */
const attachments = new WeakMap<Yate, Map<string, LegAudio>>();

/**
 * Attaches the sound of our own leg to this program, by RTP. Resolves to a failure (never rejects) when the socket cannot be
 * bound, the engine has no RTP, the leg is gone or has no way to us, the signal fires or the engine is lost.
 * Throws `bad-argument` for a format or a number that is none.
 * A leg that is attached already is attached anew; the earlier attachment ends as `replaced`.
 * @example
 * const attached = await attachAudio({ yate, leg });
 * if (attached.kind === "failed") throw attached.error;
 * const { audio } = attached;
 * audio.onFrame(({ samples }) => void audio.write(samples)); // an echo
 * await audio.ended;
 */
export async function attachAudio(options: AttachAudioOptions): Promise<AttachAudioOutcome> {
  const { yate, leg, host = "127.0.0.1", format = "alaw", signal } = options;
  const { clock = realClock, log = yate.log, timeoutMs = defaultTimeoutMs } = options;
  const wide = options.wide ? wideCodec() : undefined;
  const codec = wide ?? audioCodec(format);
  if (!codec) throw new YaytsError("bad-argument", `format must be alaw, mulaw or slin, not ${format}`);
  for (const name of [
    "lowWaterMs",
    "maxQueuedMs",
    "heardAfterMs",
    "playoutMs",
    "timeoutMs",
    "delayMs",
  ] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 0))
      throw new YaytsError("bad-argument", `${name} must be 0 or more, not ${value}`);
  }
  const failed = (error: YaytsError): AttachAudioOutcome => ({ kind: "failed", error });
  if (!leg) return failed(noAudio("there is no leg to attach to"));
  if (/^(sip|h323|jingle)\//.test(leg))
    return failed(noAudio(`${leg} is a phone's channel, whose own sound would be lost: attach to its peer`));
  if (isIP(host) === 0) return failed(noAudio(`host must be an IP address, not ${host}`));
  if (signal?.aborted) return failed(new Abandoned(`the sound of ${leg} was given up`, signal.reason));

  const givenUp = new AbortController();
  // Watched from before the leg is attached, so that no hang-up is too early to be seen.
  const hangup = yate.onwatch("chan.hangup", { id: leg });
  let early: AudioEnd | undefined;
  hangup.then(
    () => giveUp({ kind: "hangup" }, `${leg} hung up`),
    (error) => {
      if (error instanceof Disconnected) giveUp({ kind: "disconnected" }, error);
    },
  );
  const giveUp = (end: AudioEnd, reason: unknown): void => {
    early ??= end;
    givenUp.abort(reason);
  };
  const unlisten = signal ? onAbort(signal, (reason) => giveUp({ kind: "aborted" }, reason)) : () => {};
  const leave = (): void => {
    unlisten();
    hangup.cancel();
  };

  const bound = await bindAudioSocket(host, `the sound of ${leg}`, log);
  if (bound instanceof Error) {
    leave();
    return failed(
      new YaytsError("no-audio", `${host} cannot be bound: ${errorText(bound)}`, { cause: bound }),
    );
  }
  const socket = options.network?.wrap(bound) ?? bound;
  try {
    attachments.get(yate)?.get(leg)?.finish({ kind: "replaced" });
    const { delayMs } = options;
    const engine = await attachLeg({
      yate,
      leg,
      format: codec.media.name,
      payload: wide?.payloadType,
      host,
      port: socket.port,
      delayMs,
      timeoutMs,
      signal: givenUp.signal,
    });
    if (early) throw new Abandoned(`the sound of ${leg} was given up`, givenUp.signal.reason);
    const { lowWaterMs = 200, maxQueuedMs = 600_000 } = options;
    const { heardAfterMs = 40 + (delayMs ?? 0), playoutMs = Math.max(20, delayMs ?? 0) } = options;
    const audio = new LegAudio({
      leg,
      format,
      codec,
      wide: wide !== undefined,
      clock,
      log,
      socket,
      engine,
      playoutMs,
      sound: { lowWaterMs, maxQueuedMs, heardAfterMs },
      detach: () => detach(yate, leg, timeoutMs, log),
      left: (ended) => {
        leave();
        const ofEngine = attachments.get(yate);
        if (ofEngine?.get(leg) === ended) ofEngine.delete(leg);
      },
    });
    keep(yate, audio);
    // From now on they end it instead of giving it up.
    givenUp.signal.addEventListener("abort", () => audio.finish(early ?? { kind: "aborted" }));
    return { kind: "attached", audio };
  } catch (error) {
    leave();
    socket.close();
    // What was asked for may still come about.
    if (early?.kind !== "hangup" && yate.state.kind === "connected") void detach(yate, leg, timeoutMs, log);
    return failed(error instanceof YaytsError ? error : noAudio(errorText(error), error));
  }
}

function keep(yate: Yate, audio: LegAudio): void {
  let ofEngine = attachments.get(yate);
  if (!ofEngine) {
    ofEngine = new Map();
    attachments.set(yate, ofEngine);
  }
  // One that was attached at the same time.
  ofEngine.get(audio.leg)?.finish({ kind: "replaced" });
  ofEngine.set(audio.leg, audio);
}

async function detach(yate: Yate, leg: string, timeoutMs: number, log: Logger): Promise<void> {
  try {
    await detachLeg(yate, leg, timeoutMs);
  } catch (error) {
    log.debug(`the sound of ${leg} may still be attached: ${errorText(error)}`);
  }
}

function noAudio(text: string, cause?: unknown): YaytsError {
  return new YaytsError("no-audio", text, { cause });
}
