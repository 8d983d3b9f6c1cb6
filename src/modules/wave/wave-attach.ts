import { type CallEndpoint, type EngineMessage, endpointOf, type MaybePromise } from "../../engine/index.ts";
import { notify } from "./wave-notify.ts";
import { type RecorderEnd, WaveRecorder, type WaveRecording } from "./wave-recorder.ts";
import { type WaveEnd, type WavePlaying, WaveSource } from "./wave-source.ts";

type Playing = "source" | "override" | "replace";
type Recording = "consumer" | "call" | "peer";

/** What the module's handlers work with. */
export interface WaveModule extends WavePlaying, WaveRecording {}

/** The file of a `wave/<method>/<file>`, or undefined for anything else; a wrong method is reported. */
function fileOf(
  wave: WaveModule,
  message: EngineMessage,
  parameter: string,
  method: "play" | "record",
): string | undefined {
  const match = /^wave\/([^/]*)\/([\s\S]*)$/.exec(message.get(parameter) ?? "");
  if (!match) return undefined;
  if (match[1] !== method) {
    wave.engine.log.warn(
      `${message.name} with ${parameter}=${match[0]}: this parameter takes wave/${method}/<file>`,
    );
    return undefined;
  }
  return match[2] || undefined;
}

/** Parameters of the message that no other module must still look at, when this one takes `taken` of them. */
function leftOver(message: EngineMessage, parameters: readonly string[], taken: readonly string[]): boolean {
  return parameters.some((name) => message.get(name) && !taken.includes(name));
}

/**
 * `chan.attach` (spec/media.md §2): removes each parameter that it attached; true only when everything asked for was
 * attached here and `single` is set.
 */
export function attachWave(wave: WaveModule, message: EngineMessage): MaybePromise<boolean> {
  const endpoint = endpointOf(message);
  const files = new Map<string, string>();
  for (const parameter of ["source", "override", "replace"] as const) {
    const file = fileOf(wave, message, parameter, "play");
    if (file !== undefined) files.set(parameter, file);
  }
  const record = fileOf(wave, message, "consumer", "record");
  if (record !== undefined) files.set("consumer", record);
  if (files.size === 0) return false;
  if (!endpoint) {
    wave.engine.log.warn(`${message.name} of a wave file without a channel: send it through chan.masquerade`);
    return false;
  }
  const rest = leftOver(message, ["source", "consumer", "override", "replace"], [...files.keys()]);
  const wanted = message.flag("single", false) && !rest;

  const source = files.get("source");
  if (source !== undefined) {
    void play(wave, message, endpoint, "source", source);
    message.delete("source");
  }
  if (record !== undefined) {
    endpoint.audio.setConsumer(recorder(wave, message, endpoint, "consumer", record));
    message.delete("consumer");
  }
  // Whether a file can be heard over the consumer's own source is known only when it has been opened.
  const pending: Promise<boolean>[] = [];
  let failed = false;
  for (const parameter of ["override", "replace"] as const) {
    const file = files.get(parameter);
    if (file === undefined) continue;
    const heard = play(wave, message, endpoint, parameter, file);
    if (!heard) failed = true;
    else {
      pending.push(
        heard.then((opened) => {
          if (opened) message.delete(parameter);
          return opened;
        }),
      );
    }
  }
  if (pending.length === 0) return wanted && !failed;
  return Promise.all(pending).then((opened) => wanted && !failed && opened.every((one) => one));
}

/** `chan.record`: true when all that was asked for was attached here. */
export function recordWave(wave: WaveModule, message: EngineMessage): boolean {
  const call = fileOf(wave, message, "call", "record");
  const peer = fileOf(wave, message, "peer", "record");
  if (call === undefined && peer === undefined) return false;
  const endpoint = endpointOf(message);
  if (!endpoint) {
    wave.engine.log.warn(`${message.name} of a wave file without a channel: send it through chan.masquerade`);
    return false;
  }
  if (call !== undefined) endpoint.audio.setCallRecorder(recorder(wave, message, endpoint, "call", call));
  if (peer !== undefined) endpoint.audio.setPeerRecorder(recorder(wave, message, endpoint, "peer", peer));
  const taken = [call !== undefined ? "call" : "", peer !== undefined ? "peer" : ""];
  return !leftOver(message, ["call", "peer"], taken);
}

/** Attaches a file to be played; undefined when it cannot be heard there, else whether it could be opened. */
function play(
  wave: WaveModule,
  message: EngineMessage,
  endpoint: CallEndpoint,
  parameter: Playing,
  file: string,
): Promise<boolean> | undefined {
  const { engine } = wave;
  const { audio } = endpoint;
  if (parameter !== "source" && !audio.consumer) {
    engine.log.warn(
      `${message.name} with ${parameter}=wave/play/${file}: ${endpoint.id} has no consumer to hear it`,
    );
    return undefined;
  }
  const target = targetOf(message, parameter);
  const ended = (how: WaveEnd): void => {
    switch (how) {
      case "eof":
        notify(engine, target, { reason: "eof" }, parameter === "source" ? endpoint : undefined);
        break;
      case "replaced":
        notify(engine, target, { reason: "replaced" });
        break;
      case "missing":
        notify(engine, target, {});
        break;
    }
  };
  const source = new WaveSource(wave, { file, repeat: message.flag("autorepeat", false), ended });
  const release = source.hold();
  let heard = true;
  if (parameter === "source") audio.setSource(source);
  else heard = parameter === "override" ? audio.setOverride(source) : audio.replace(source);
  if (!heard) {
    engine.log.warn(
      `${message.name} with ${parameter}=wave/play/${file}: no way from ${source.format} to ${audio.consumer?.format}`,
    );
  }
  release();
  return heard ? source.opened : undefined;
}

/** Makes a recorder out of the parameters of a message. */
function recorder(
  wave: WaveModule,
  message: EngineMessage,
  endpoint: CallEndpoint,
  parameter: Recording,
  file: string,
): WaveRecorder {
  const { engine } = wave;
  const target = targetOf(message, parameter);
  const ended = (how: RecorderEnd): void => {
    if (how.kind === "error") {
      notify(engine, target, { reason: "error", error: how.error, file }, endpoint);
      return;
    }
    notify(engine, target, { reason: "maxlen" }, endpoint);
    // The data are still on their way through the graph.
    const release = endpoint.hold();
    engine.clock.turn(() => {
      if (target) removeRecorder(endpoint, parameter, made);
      else endpoint.disconnect();
      release();
    });
  };
  const made = new WaveRecorder(wave, { ...recorderOptions(message), file, ended });
  return made;
}

/** `format`, `append`, `maxlen` and, known to this engine only, `flush` of a message. */
export function recorderOptions(message: EngineMessage): {
  format: string | undefined;
  append: boolean;
  maxBytes: number;
  flush: boolean;
} {
  return {
    format: message.get("format"),
    append: message.flag("append", false),
    maxBytes: Math.max(0, message.integer("maxlen", 0)),
    flush: message.flag("flush", false),
  };
}

function removeRecorder({ audio }: CallEndpoint, parameter: Recording, recorder: WaveRecorder): void {
  const present = { consumer: audio.consumer, call: audio.callRecorder, peer: audio.peerRecorder }[parameter];
  if (present === recorder) audio.remove(parameter);
}

function targetOf(message: EngineMessage, parameter: Playing | Recording): string {
  return message.get(`notify_${parameter}`) ?? message.get("notify") ?? "";
}
