import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText, YaytsError } from "../../base/index.ts";
import { type MessageCounts, noteOf, parseNote, type VoiceMessage } from "./voice-message.ts";

/** A name that is one folder of its own on every system, whoever made it up. */
const names = /^[A-Za-z0-9+_][A-Za-z0-9+_@=-]*(?:\.[A-Za-z0-9+_@=-]+)*$/;
/** Names of devices on Windows. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const ids = /^\d{8}T\d{9}-[0-9a-f]{8}$/;
const mostNameLength = 64;

/** @throws YaytsError `bad-argument` for a name that could lead out of the folder, or that some disk does not take */
export function checkName(name: string): string {
  if (name.length <= mostNameLength && names.test(name) && !devices.test(name)) return name;
  throw new YaytsError(
    "bad-argument",
    `${JSON.stringify(name.slice(0, mostNameLength))} is no name of a mailbox: up to ${mostNameLength} of A-Z a-z 0-9 + _ @ = - and dots between them`,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

async function orMissing<T>(work: Promise<T>, missing: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return missing;
    throw error;
  }
}

/** What went wrong with the disk, as an error with its code. */
export function diskError(what: string, cause: unknown): YaytsError {
  return cause instanceof YaytsError
    ? cause
    : new YaytsError("file-failed", `${what}: ${errorText(cause)}`, { cause });
}

/**
 * One mailbox on the disk: `<id>.wav` and `<id>.json` for each message, `greeting.wav`, and `.incoming` for what is being
 * recorded. A message is there as soon as its note is, which comes last and whole.
 */
export class MailboxFolder {
  readonly path: string;

  constructor(folder: string, name: string) {
    this.path = join(folder, checkName(name));
  }

  get greetingFile(): string {
    return join(this.path, "greeting.wav");
  }

  /** A file to record into, which is no message yet. */
  async incoming(at: Date): Promise<{ readonly id: string; readonly file: string }> {
    const folder = join(this.path, ".incoming");
    await mkdir(folder, { recursive: true });
    const id = `${at.toISOString().replace(/[-:.Z]/g, "")}-${randomBytes(4).toString("hex")}`;
    return { id, file: join(folder, `${id}.wav`) };
  }

  /** Makes a message of a recording. */
  async keep(message: Omit<VoiceMessage, "file">, recording: string): Promise<VoiceMessage> {
    const kept: VoiceMessage = { ...message, file: this.#sound(message.id) };
    await rename(recording, kept.file);
    try {
      await this.#write(kept);
    } catch (error) {
      await rm(kept.file, { force: true });
      throw error;
    }
    return kept;
  }

  /** The oldest first. Files that are no message are left out. */
  async messages(): Promise<VoiceMessage[]> {
    const files = await orMissing(readdir(this.path), []);
    const found = files
      .filter((file) => file.endsWith(".json") && ids.test(file.slice(0, -".json".length)))
      .sort()
      .map((file) => this.get(file.slice(0, -".json".length)));
    return (await Promise.all(found)).filter((message) => message !== undefined);
  }

  /** Undefined when there is no such message. */
  async get(id: string): Promise<VoiceMessage | undefined> {
    if (!ids.test(id)) return undefined;
    const text = await orMissing(readFile(this.#note(id), "utf8"), undefined);
    return text === undefined ? undefined : parseNote(text, id, this.#sound(id));
  }

  async counts(): Promise<MessageCounts> {
    const all = await this.messages();
    const unread = all.filter(({ read }) => !read).length;
    return { unread, read: all.length - unread };
  }

  /** False when there is no such message, or it is so already. */
  async mark(id: string, read: boolean): Promise<boolean> {
    const message = await this.get(id);
    if (!message || message.read === read) return false;
    await this.#write({ ...message, read });
    return true;
  }

  /** False when there is no such message. */
  async remove(id: string): Promise<boolean> {
    if (!(await this.get(id))) return false;
    // The note first: without it there is no message, whatever happens to the sound.
    await rm(this.#note(id), { force: true });
    await rm(this.#sound(id), { force: true });
    return true;
  }

  /** Moves a message into another mailbox, where it is unread. False when there is no such message. */
  async move(id: string, to: MailboxFolder): Promise<boolean> {
    const message = await this.get(id);
    if (!message) return false;
    await mkdir(to.path, { recursive: true });
    await rename(message.file, to.#sound(id));
    try {
      await to.#write({ ...message, file: to.#sound(id), read: false });
    } catch (error) {
      await rename(to.#sound(id), message.file);
      throw error;
    }
    await rm(this.#note(id), { force: true });
    return true;
  }

  /** The owner's greeting, if there is one. */
  async greeting(): Promise<string | undefined> {
    const found = await orMissing(stat(this.greetingFile), undefined);
    return found?.isFile() ? this.greetingFile : undefined;
  }

  /** @param recording undefined for the standard greeting */
  async setGreeting(recording: string | undefined): Promise<void> {
    if (recording === undefined) await rm(this.greetingFile, { force: true });
    else await rename(recording, this.greetingFile);
  }

  #sound(id: string): string {
    return join(this.path, `${id}.wav`);
  }

  #note(id: string): string {
    return join(this.path, `${id}.json`);
  }

  /** Whole or not at all: readers see the old note or the new one. */
  async #write(message: VoiceMessage): Promise<void> {
    const draft = join(this.path, `.${message.id}-${randomBytes(4).toString("hex")}`);
    try {
      await writeFile(draft, noteOf(message), { flush: true });
      await rename(draft, this.#note(message.id));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}
