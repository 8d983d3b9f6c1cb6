import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorText, realClock, type Signal, YaytsError } from "../../base/index.ts";
import { bytesOf, msForBytes, parseFormat, samplesOf } from "../../media/index.ts";
import { createCacheFolder } from "./cache-folder.ts";
import { decodeFile } from "./decode-file.ts";
import { createDecoderThread } from "./decoder-thread.ts";
import { adjust, encodeSound } from "./encode-sound.ts";
import { createSampleMemory } from "./sample-memory.ts";
import { createSharedWork } from "./shared-work.ts";
import type {
  CachedFormat,
  FileOptions,
  MadeSound,
  RawSound,
  SampleOptions,
  SoundCache,
  SoundCacheOptions,
  SoundFailure,
  SoundFile,
  SoundSource,
} from "./sound-outcome.ts";
import { createContentKeys, playableAsIs, type SourceFile, statSource, unreadable } from "./source-file.ts";
import { toTelephoneRate } from "./to-telephone.ts";

const rateHz = 8000;
const samplesPerMs = rateHz / 1000;
const mebibyte = 1 << 20;
const hourMs = 3_600_000;
/** Files up to this size without compression are decoded at once, in about a millisecond; others in a thread of their own. */
const quickBytes = 1 << 15;
/** Files over this are not looked into: an hour of the best wav is less. */
const mostFileBytes = 2 ** 31;
/** Goes into every name, so that files of another version of the conversion are not taken for one of this. */
const version = "1";
const formats: readonly CachedFormat[] = ["slin", "alaw", "mulaw", "gsm"];

/** Samples before volume and offset. */
interface Base {
  readonly kind: "base";
  readonly samples: Int16Array;
}

const forever: Signal = { aborted: false, addEventListener() {}, removeEventListener() {} };

interface Wish {
  readonly format: CachedFormat | undefined;
  readonly volumeDb: number;
  readonly offsetMs: number;
  readonly signal: Signal | undefined;
}

function checked({ format, volumeDb = 0, offsetMs = 0, signal }: FileOptions): Wish {
  const complain = (what: string): never => {
    throw new YaytsError("bad-argument", what);
  };
  if (!(volumeDb >= -60 && volumeDb <= 24)) complain(`volumeDb ${volumeDb}: −60 to 24`);
  if (!(offsetMs >= 0 && Number.isFinite(offsetMs))) complain(`offsetMs ${offsetMs}: 0 or more`);
  if (format !== undefined && !formats.includes(format)) complain(`format ${format}: ${formats.join(", ")}`);
  return { format, volumeDb, offsetMs, signal };
}

/** Whether to decode at once, and again rather than keep the result on disk. */
function isQuick({ path, bytes }: Pick<SourceFile, "path" | "bytes">): boolean {
  return bytes <= quickBytes && !/\.(?:mp3|ogg|opus)$/i.test(path);
}

function nameOf(source: SoundSource): string {
  return typeof source === "string" ? source : "the sound";
}

function aborted(source: SoundSource): SoundFailure {
  return { kind: "failed", reason: "aborted", text: `${nameOf(source)} was given up` };
}

function fileName(key: string, format: CachedFormat, volumeDb: number, offsetMs: number): string {
  const made = `${version}\0${key}\0${format}\0${volumeDb}\0${offsetMs}`;
  return `${createHash("sha256").update(made).digest("hex").slice(0, 32)}.${format}`;
}

function cachedDurationMs(format: CachedFormat, bytes: number): number {
  const known = parseFormat(format);
  return known ? msForBytes(known, bytes) : 0;
}

/**
 * Makes a cache of sounds. Files go to `folder` with mode 0644, each written whole or not at all, under a name that tells
 * contents and options; several programs may share the folder. What several ask for at once is made once. Nothing is to
 * be closed: the thread that decodes mp3, ogg and long files ends when it has nothing to do.
 */
export function createSoundCache(options: SoundCacheOptions = {}): SoundCache {
  const { maxBytes = 256 * mebibyte, maxMemoryBytes = 16 * mebibyte, maxDurationMs = hourMs } = options;
  const folder = createCacheFolder({ folder: options.folder, maxBytes, clock: options.clock ?? realClock });
  const memory = createSampleMemory(maxMemoryBytes);
  const contents = createContentKeys();
  const thread = createDecoderThread();
  const bases = createSharedWork<Base | SoundFailure>();
  const files = createSharedWork<SoundFile | SoundFailure>();
  const maxSamples = Math.ceil(maxDurationMs * samplesPerMs);

  const limited = (samples: Int16Array, what: string): Base | SoundFailure => {
    if (samples.length === 0) return { kind: "failed", reason: "empty", text: `${what}: no sound in it` };
    if (samples.length <= maxSamples) return { kind: "base", samples };
    const text = `${what} is longer than ${maxDurationMs / 1000} s`;
    return { kind: "failed", reason: "too-large", text };
  };

  /** What a source that is no such file yet decodes to; a quick one at once, others in the thread. */
  const decode = async ({ path, bytes }: SourceFile, signal: Signal): Promise<Base | SoundFailure> => {
    const request = { path, maxSamples };
    try {
      if (bytes > mostFileBytes) {
        return { kind: "failed", reason: "too-large", text: `${path} has ${bytes} bytes` };
      }
      const outcome = isQuick({ path, bytes })
        ? await decodeFile(await readFile(path), path, request)
        : await thread.decode(request, signal);
      return outcome.kind === "decoded" ? { kind: "base", samples: outcome.samples } : outcome;
    } catch (error) {
      return unreadable(path, error);
    }
  };

  const fromRaw = async (raw: RawSound, signal: Signal): Promise<Base | SoundFailure> => {
    if ("file" in raw) {
      const source = await statSource(resolve(raw.file));
      return "kind" in source ? source : decode(source, signal);
    }
    if (!(raw.rateHz >= 4000 && raw.rateHz <= 192_000 && Number.isInteger(raw.rateHz))) {
      return { kind: "failed", reason: "not-audio", text: `the voice gave samples of ${raw.rateHz} Hz` };
    }
    return limited(await toTelephoneRate(raw.samples, raw.rateHz), "the voice's answer");
  };

  const make = async ({ make: begin }: MadeSound, signal: AbortSignal): Promise<Base | SoundFailure> => {
    try {
      const made = await begin(signal);
      return "kind" in made ? made : await fromRaw(made, signal);
    } catch (cause) {
      if (signal.aborted) return { kind: "failed", reason: "aborted", text: "the sound was given up" };
      return { kind: "failed", reason: "voice-failed", text: `the voice failed: ${errorText(cause)}`, cause };
    }
  };

  /** Samples of a source before they are changed: from memory, from the folder, or made and kept in both. */
  const baseOf = (
    key: string,
    source: MadeSound | SourceFile,
    signal: Signal,
  ): Promise<Base | SoundFailure> => {
    const dear = "make" in source || !isQuick(source);
    const begin = async (shared: AbortSignal): Promise<Base | SoundFailure> => {
      const known = memory.get(key);
      if (known) return { kind: "base", samples: known };
      const name = fileName(key, "slin", 0, 0);
      const found = dear ? await folder.find(name) : undefined;
      const bytes = found && (await readFile(found.path).catch(() => undefined));
      const outcome: Base | SoundFailure = bytes
        ? { kind: "base", samples: samplesOf(Uint8Array.from(bytes)) }
        : "make" in source
          ? await make(source, shared)
          : await decode(source, shared);
      if (outcome.kind === "base") {
        memory.set(key, outcome.samples);
        // What cannot be written can be streamed all the same.
        if (dear && !bytes) await folder.write(name, bytesOf(outcome.samples));
      }
      return outcome;
    };
    return bases.join(key, begin, signal, () => ({ kind: "failed", reason: "aborted", text: "given up" }));
  };

  const writeFile = async (
    key: string,
    source: MadeSound | SourceFile,
    { format = "slin", volumeDb, offsetMs }: Wish,
    signal: Signal,
  ): Promise<SoundFile | SoundFailure> => {
    const name = fileName(key, format, volumeDb, offsetMs);
    const find = async (): Promise<SoundFile | undefined> => {
      const found = await folder.find(name);
      return found && { kind: "file", path: found.path, durationMs: cachedDurationMs(format, found.bytes) };
    };
    const before = await find();
    if (before) return before;
    const base = await baseOf(key, source, signal);
    if (base.kind === "failed") return base;
    const unchanged = format === "slin" && volumeDb === 0 && offsetMs === 0;
    const meanwhile = unchanged ? await find() : undefined;
    if (meanwhile) return meanwhile;
    const adjusted = limited(adjust(base.samples, volumeDb, offsetMs), `after ${offsetMs} ms`);
    if (adjusted.kind === "failed") return adjusted;
    const bytes = await encodeSound(adjusted.samples, format);
    const written = await folder.write(name, bytes);
    if ("kind" in written) return written;
    return { kind: "file", path: written.path, durationMs: cachedDurationMs(format, bytes.length) };
  };

  /** The source as the cache sees it, with the key of its contents. */
  const identify = async (
    source: SoundSource,
    signal: Signal,
  ): Promise<{ readonly key: string; readonly source: MadeSound | SourceFile } | SoundFailure> => {
    if (typeof source !== "string") return { key: `made ${source.key}`, source };
    const file = await statSource(resolve(source));
    if ("kind" in file) return file;
    const key = await contents.keyOf(file, signal);
    return typeof key === "string" ? { key, source: file } : key;
  };

  return {
    get folder() {
      return folder.path;
    },
    async fileOf(source, fileOptions = {}) {
      const wish = checked(fileOptions);
      const signal = wish.signal ?? forever;
      if (signal.aborted) return aborted(source);
      if (typeof source === "string" && wish.volumeDb === 0 && wish.offsetMs === 0) {
        const file = await statSource(resolve(source));
        if ("kind" in file) return file;
        const wanted = wish.format === undefined || file.path.endsWith(`.${wish.format}`);
        const asIs = wanted ? await playableAsIs(file) : undefined;
        if (asIs) return asIs;
      }
      const known = await identify(source, signal);
      if ("kind" in known) return known;
      const name = fileName(known.key, wish.format ?? "slin", wish.volumeDb, wish.offsetMs);
      return files.join(
        name,
        (shared) => writeFile(known.key, known.source, wish, shared),
        wish.signal,
        () => aborted(source),
      );
    },
    async samplesOf(source, sampleOptions: SampleOptions = {}) {
      const { volumeDb, offsetMs, signal = forever } = checked(sampleOptions);
      if (signal.aborted) return aborted(source);
      const known = await identify(source, signal);
      if ("kind" in known) return known;
      const base = await baseOf(known.key, known.source, signal);
      if (base.kind === "failed") return base;
      const adjusted = limited(
        adjust(base.samples, volumeDb, offsetMs),
        `${nameOf(source)} after ${offsetMs} ms`,
      );
      if (adjusted.kind === "failed") return adjusted;
      const { samples } = adjusted;
      return { kind: "samples", samples, rateHz, durationMs: samples.length / samplesPerMs };
    },
  };
}
