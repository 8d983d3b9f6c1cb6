import { errorText } from "../../base/index.ts";
import type { SoundFailure } from "./sound-outcome.ts";

/** Loads a package by its name, as `import` does. */
export type ImportPackage = (name: string) => Promise<unknown>;

/** By a name that is no literal, so that it compiles, and is bundled, where the package is not. */
export const importByName: ImportPackage = (name: string) => import(name);

/** What mp3 and ogg decoders give for a piece of file. */
export interface DecodedBlock {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
}

/** The decoders of `mpg123-decoder` and `@wasm-audio-decoders/ogg-vorbis`, as far as they are used. */
export interface StreamDecoder {
  readonly ready: Promise<unknown>;
  decode(bytes: Uint8Array): DecodedBlock | Promise<DecodedBlock>;
  flush?(): Promise<DecodedBlock>;
  free(): void;
}

/** The decoder of `@evan/opus`, as far as it is used: 16-bit samples of a packet. */
export interface PacketDecoder {
  decode(packet: Uint8Array): Uint8Array;
}

async function construct(
  name: string,
  path: string,
  member: string,
  format: string,
  importPackage: ImportPackage,
  argument: unknown,
): Promise<object | SoundFailure> {
  try {
    const found: unknown = await importPackage(name + path);
    const Decoder: unknown = typeof found === "object" && found ? Reflect.get(found, member) : undefined;
    if (typeof Decoder !== "function") throw new TypeError(`it has no ${member}`);
    return Reflect.construct(Decoder, [argument]);
  } catch (cause) {
    const why = errorText(cause).split("\n", 1)[0] ?? "";
    const text = `${format} needs the package ${name}: npm install ${name} (${why})`;
    return { kind: "failed", reason: "decoder-missing", text, cause };
  }
}

function isStreamDecoder(made: object): made is StreamDecoder {
  return ["decode", "free"].every((name) => typeof Reflect.get(made, name) === "function");
}

/** A decoder of whole streams, ready for its first bytes. */
export async function loadStreamDecoder(
  format: "mp3" | "ogg vorbis",
  importPackage: ImportPackage,
): Promise<StreamDecoder | SoundFailure> {
  const [name, member] =
    format === "mp3"
      ? ["mpg123-decoder", "MPEGDecoder"]
      : ["@wasm-audio-decoders/ogg-vorbis", "OggVorbisDecoder"];
  const made = await construct(name ?? "", "", member ?? "", format, importPackage, undefined);
  if ("kind" in made) return made;
  if (!isStreamDecoder(made)) {
    return { kind: "failed", reason: "decoder-missing", text: `${name} is of a version that is not known` };
  }
  await made.ready;
  return made;
}

/** A decoder of Opus packets to one channel. */
export async function loadPacketDecoder(
  rateHz: number,
  importPackage: ImportPackage,
): Promise<PacketDecoder | SoundFailure> {
  const options = { channels: 1, sample_rate: rateHz };
  // Not its native part: a thread that has loaded that one takes the process with it when it is terminated.
  const made = await construct("@evan/opus", "/wasm/index.mjs", "Decoder", "opus", importPackage, options);
  if ("kind" in made) return made as SoundFailure;
  return { decode: (packet) => Reflect.apply(Reflect.get(made, "decode"), made, [packet]) as Uint8Array };
}
