import { constants, type FileHandle, open } from "node:fs/promises";
import type { Clock, Timer } from "../../base/index.ts";
import {
  createTranslator,
  packSound,
  parseFormat,
  readSoundHeader,
  type SoundFileKind,
  type SoundLayout,
  soundWriter,
} from "../../media/index.ts";

export interface SoundWriterOptions {
  readonly path: string;
  /** Container and raw format that the name asks for; undefined writes what comes as it is. */
  readonly kind: SoundFileKind | undefined;
  /** Go on at the end of a file that is there; its own header, if it has one, decides the format. */
  readonly append: boolean;
  /** Permissions of a new file. */
  readonly mode: number;
  readonly clock: Clock;
  /** Writes each block as it comes, for who watches the file grow. Default false. */
  readonly atOnce?: boolean | undefined;
  /** The file cannot be written (any more); called once, and nothing more is written. */
  readonly failed: (error: unknown) => void;
  /** More came than the disk takes and the first bytes were dropped; called once. */
  readonly overrun: () => void;
}

/** Writes a sound file in the background: what is written is gathered for half a second at most, or not at all. */
export interface SoundWriter {
  /** Takes a block of `format`; copied before it returns. The first block decides the format of the file. */
  write(block: Uint8Array, format: string): void;
  /** Writes what is left and the right sizes into the header; idempotent, never rejects. */
  close(): Promise<void>;
}

const gatherBytes = 16 << 10;
const gatherMs = 500;
/** Most bytes that wait for the disk: half a minute of slin at 16 kHz. */
const waitingBytes = 1 << 20;

/** How the bytes get into the file once it is open and the first sound is there. */
interface Layout {
  readonly encode: (block: Uint8Array) => Uint8Array;
  /** Written before the first sound. */
  readonly header: Uint8Array;
  /** Bytes of sound that were there before. */
  readonly present: number;
  finish(dataBytes: number): {
    readonly patches: readonly { offset: number; bytes: Uint8Array }[];
    readonly trailer: Uint8Array;
  };
}

export function createSoundWriter(options: SoundWriterOptions): SoundWriter {
  const { clock } = options;
  let format = "";
  let gathered = new Uint8Array(0);
  let filled = 0;
  /** Ends the gathering, also when nothing more comes: who reads along is not left waiting for the end of a prompt. */
  let gathering: Timer | undefined;
  const waiting: Uint8Array[] = [];
  let waitingSize = 0;
  let overran = false;
  let failed = false;
  let closing: Promise<void> | undefined;
  let file: OpenFile | undefined;
  let layout: Layout | undefined;
  let dataBytes = 0;
  let headed = false;

  /** What is under way: opening first, then writing, one after another. */
  let work: Promise<void> = openFile(options).then((opened) => {
    file = opened;
  });

  const guard = (step: () => Promise<void>): void => {
    work = work
      .then(() => (failed ? undefined : step()))
      .catch(async (error: unknown) => {
        if (failed) return;
        failed = true;
        waiting.length = 0;
        waitingSize = 0;
        await file?.handle.close().catch(() => {});
        options.failed(error);
      });
    clock.hold?.(work);
  };
  guard(async () => {});

  const flush = (): void => {
    gathering?.cancel();
    if (filled === 0) return;
    waiting.push(gathered.subarray(0, filled));
    waitingSize += filled;
    gathered = new Uint8Array(0);
    filled = 0;
    if (waiting.length === 1) guard(writeOut);
  };

  const writeOut = async (): Promise<void> => {
    if (!file) return;
    for (let block = waiting[0]; block; block = waiting[0]) {
      layout ??= layoutOf(options, file, format);
      if (!headed) await file.append(layout.header);
      headed = true;
      const encoded = layout.encode(block);
      await file.append(encoded);
      dataBytes += encoded.length;
      waiting.shift();
      waitingSize -= block.length;
    }
  };

  const finish = async (): Promise<void> => {
    if (!file) return;
    if (layout) {
      const { patches, trailer } = layout.finish(layout.present + dataBytes);
      await file.append(trailer);
      for (const { offset, bytes } of patches) await file.patch(offset, bytes);
    }
    await file.handle.close();
  };

  return {
    write(block, blockFormat) {
      if (failed || closing || block.length === 0) return;
      format ||= blockFormat;
      if (waitingSize + filled + block.length > waitingBytes) {
        if (!overran) options.overrun();
        overran = true;
        return;
      }
      if (filled + block.length > gathered.length) {
        flush();
        gathered = new Uint8Array(options.atOnce ? block.length : Math.max(gatherBytes, block.length));
        gathering = clock.after(gatherMs, flush, { background: true });
      }
      gathered.set(block, filled);
      filled += block.length;
      if (options.atOnce) flush();
    },
    close() {
      if (closing) return closing;
      flush();
      guard(finish);
      closing = work;
      return closing;
    },
  };
}

/** A file that is written in order, with corrections at the end. */
interface OpenFile {
  readonly handle: FileHandle;
  /** Size before anything was written, and the beginning of what was there. */
  readonly presentBytes: number;
  readonly head: Uint8Array;
  append(bytes: Uint8Array): Promise<void>;
  patch(offset: number, bytes: Uint8Array): Promise<void>;
}

async function openFile({ path, append, mode }: SoundWriterOptions): Promise<OpenFile> {
  const { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } = constants;
  const handle = await open(path, append ? O_RDWR | O_CREAT : O_WRONLY | O_CREAT | O_TRUNC, mode);
  try {
    const status = await handle.stat();
    const presentBytes = append && status.isFile() ? status.size : 0;
    const head = new Uint8Array(Math.min(presentBytes, 4096));
    if (head.length > 0) await handle.read(head, 0, head.length, 0);
    let at = presentBytes;
    const put = async (bytes: Uint8Array, offset: number): Promise<void> => {
      for (let done = 0; done < bytes.length; ) {
        // Pipes and devices have no positions.
        const position = status.isFile() ? offset + done : null;
        done += (await handle.write(bytes, done, bytes.length - done, position)).bytesWritten;
      }
    };
    return {
      handle,
      presentBytes,
      head,
      async append(bytes) {
        await put(bytes, at);
        at += bytes.length;
      },
      patch: async (offset, bytes) => {
        if (status.isFile()) await put(bytes, offset);
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const nothing = new Uint8Array(0);

function layoutOf({ kind }: SoundWriterOptions, file: OpenFile, format: string): Layout {
  const raw: Layout = {
    encode: (block) => block,
    header: nothing,
    present: 0,
    finish: () => ({ patches: [], trailer: nothing }),
  };
  const mediaFormat = parseFormat(format);
  if (!kind || kind.container === "raw" || !mediaFormat) return raw;
  const present = file.presentBytes > 0 ? readSoundHeader(kind, file.head, true) : undefined;
  if (present?.kind === "sound" && present.dataOffset > 0) return goOn(kind, present, file, format);
  // Something else is in the file: a header in the middle would not help.
  if (file.presentBytes > 0) return raw;
  const writer = soundWriter(kind.container, mediaFormat);
  if (!writer) return raw;
  return {
    encode: packSound(writer),
    header: writer.header,
    present: 0,
    finish: (dataBytes) => writer.finish(dataBytes),
  };
}

/** Appending to a file with a header: its format stays, its sizes are corrected. */
function goOn(kind: SoundFileKind, present: SoundLayout, file: OpenFile, format: string): Layout {
  const translator = createTranslator(format, present.format);
  const pack = packSound(present);
  return {
    encode: (block) => pack(translator ? translator.translate(block) : block),
    header: nothing,
    present: file.presentBytes - present.dataOffset,
    finish(dataBytes) {
      const writer = soundWriter(kind.container, present.format);
      if (writer && writer.header.length === present.dataOffset) return writer.finish(dataBytes);
      return { patches: sizePatches(kind, present.dataOffset, dataBytes), trailer: nothing };
    },
  };
}

/** The sizes in a header that another program wrote: where they must be, if the sound is the last chunk of the file. */
function sizePatches(
  kind: SoundFileKind,
  dataOffset: number,
  dataBytes: number,
): { offset: number; bytes: Uint8Array }[] {
  const size = (value: number, littleEndian: boolean): Uint8Array => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, Math.min(value, 0xffffffff), littleEndian);
    return bytes;
  };
  if (kind.container === "au") return [{ offset: 8, bytes: size(dataBytes, false) }];
  return [
    { offset: 4, bytes: size(dataOffset - 8 + dataBytes, true) },
    { offset: dataOffset - 4, bytes: size(dataBytes, true) },
  ];
}

/** The system's word for what went wrong, as `ENOSPC`; empty when it has none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
