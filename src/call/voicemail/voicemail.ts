import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, YaytsError } from "../../base/index.ts";
import type { Call } from "../call.ts";
import type { Playable } from "../sound/playable.ts";
import { type LeaveOutcome, leaveMessage } from "./leave-message.ts";
import { type ListenOptions, type ListenOutcome, listen } from "./listen.ts";
import { checkName, diskError, MailboxFolder } from "./mailbox-folder.ts";
import type { MessageCounts, VoiceMessage } from "./voice-message.ts";

/** How voicemail works. */
export interface VoicemailOptions {
  /** Where messages are kept: a folder in it for each mailbox. It is made when it is missing. */
  readonly folder: string | URL;
  /** What callers hear where the owner has recorded no greeting. Default: that the person is not available, and to leave a message. */
  readonly greeting?: Playable | undefined;
  /** Longest message, in milliseconds. Default 180,000. */
  readonly maxMs?: number | undefined;
  /** A shorter one is none. Default 300. */
  readonly minMs?: number | undefined;
  /** A message ends when nothing was said for so long. Default 5000. */
  readonly silenceMs?: number | undefined;
  /** Keys that end a message. Default `#`. */
  readonly finishOn?: string | undefined;
  /** Most messages in a mailbox. Default 100. */
  readonly maxMessages?: number | undefined;
  /** Of the dates that owners hear, as in `Europe/Warsaw`. Default: that of the machine. */
  readonly timeZone?: string | undefined;
}

export interface VoicemailSettings {
  readonly greeting: Playable;
  readonly maxMs: number;
  readonly minMs: number;
  readonly silenceMs: number;
  readonly finishOn: string;
  readonly maxMessages: number;
  readonly timeZone: string | undefined;
}

/** Messages in a mailbox have come, were read or are gone. */
export interface MailboxChange extends MessageCounts {
  readonly mailbox: string;
}

/** Somebody's messages. What cannot be read or written rejects with `file-failed`. */
export interface Mailbox {
  readonly name: string;
  /** Takes a message: plays the greeting, beeps, records. */
  leave(call: Call): Promise<LeaveOutcome>;
  /** The owner's menu: how many messages there are; play, save, delete each; record the greeting. */
  listen(call: Call, options?: ListenOptions): Promise<ListenOutcome>;
  /** The oldest first. */
  messages(): Promise<VoiceMessage[]>;
  counts(): Promise<MessageCounts>;
  /** @param read default true. False when there is no such message, or it is so already */
  markRead(id: string, read?: boolean): Promise<boolean>;
  /** False when there is no such message. */
  remove(id: string): Promise<boolean>;
  /** Gives a message to another mailbox, where it is unread. False when there is no such message. */
  move(id: string, to: string): Promise<boolean>;
  /** The file of the owner's own greeting; undefined for the standard one. */
  greeting(): Promise<string | undefined>;
  /** Calls `fn` after each change made by this program. Returns the way to stop that. */
  onChange(fn: (change: MailboxChange) => unknown): () => void;
}

/** The mailboxes of a folder. */
export interface Voicemail {
  /** One that has no message yet is made by the first. @throws YaytsError `bad-argument` for what is no name, as one with a slash */
  mailbox(name: string): Mailbox;
  /** Names of those that exist. */
  mailboxes(): Promise<string[]>;
  /** Calls `fn` after each change of any mailbox made by this program. Returns the way to stop that. */
  onChange(fn: (change: MailboxChange) => unknown): () => void;
}

/** What operations on one mailbox share. */
export interface MailboxParts {
  readonly name: string;
  readonly folder: MailboxFolder;
  readonly settings: VoicemailSettings;
  /** To be called after each change. */
  changed(): Promise<void>;
}

/** @throws YaytsError `bad-argument` */
export function voicemail(options: VoicemailOptions): Voicemail {
  const settings = settingsOf(options);
  const folder = options.folder instanceof URL ? fileURLToPath(options.folder) : resolve(options.folder);
  const listeners = new Set<(change: MailboxChange) => unknown>();
  const onChange = (fn: (change: MailboxChange) => unknown): (() => void) => {
    const own = (change: MailboxChange): unknown => fn(change);
    listeners.add(own);
    return () => void listeners.delete(own);
  };
  const open = (name: string): MailboxParts => {
    const own = new MailboxFolder(folder, name);
    const changed = async (): Promise<void> => {
      if (listeners.size === 0) return;
      const change = { mailbox: name, ...(await own.counts()) };
      for (const listener of [...listeners]) await listener(change);
    };
    return { name, folder: own, settings, changed };
  };
  return {
    mailbox: (name) => createMailbox(open(name), (to) => open(to), onChange),
    async mailboxes() {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory() && isName(entry.name)).map(({ name }) => name);
    },
    onChange,
  };
}

function isName(name: string): boolean {
  try {
    return checkName(name) === name;
  } catch {
    return false;
  }
}

function createMailbox(
  parts: MailboxParts,
  open: (name: string) => MailboxParts,
  onAnyChange: Voicemail["onChange"],
): Mailbox {
  const { name, folder } = parts;
  const ask = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw diskError(`the mailbox ${name}`, error);
    }
  };
  const change = async (work: Promise<boolean>): Promise<boolean> => {
    const done = await ask(work);
    if (done) await parts.changed();
    return done;
  };
  return {
    name,
    leave: (call) => leaveMessage(call, parts),
    listen: (call, options = {}) => listen(call, parts, options),
    messages: () => ask(folder.messages()),
    counts: () => ask(folder.counts()),
    markRead: (id, read = true) => change(folder.mark(id, read)),
    remove: (id) => change(folder.remove(id)),
    async move(id, to) {
      const target = open(to);
      const moved = await change(folder.move(id, target.folder));
      if (moved) await target.changed();
      return moved;
    },
    greeting: () => ask(folder.greeting()),
    onChange: (fn) => onAnyChange((changed) => (changed.mailbox === name ? fn(changed) : undefined)),
  };
}

function settingsOf(options: VoicemailOptions): VoicemailSettings {
  const settings: VoicemailSettings = {
    greeting: options.greeting ?? ["unavailable", "voicemail/leave-message"],
    maxMs: options.maxMs ?? 180_000,
    minMs: options.minMs ?? 300,
    silenceMs: options.silenceMs ?? 5000,
    finishOn: options.finishOn ?? "#",
    maxMessages: options.maxMessages ?? 100,
    timeZone: options.timeZone,
  };
  for (const name of ["maxMs", "silenceMs", "maxMessages"] as const)
    if (!(settings[name] > 0))
      throw new YaytsError("bad-argument", `${name} must be more than 0, not ${settings[name]}`);
  if (!(settings.minMs >= 0))
    throw new YaytsError("bad-argument", `minMs must be 0 or more, not ${settings.minMs}`);
  if (options.timeZone !== undefined) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: options.timeZone });
    } catch (error) {
      throw new YaytsError("bad-argument", errorText(error), { cause: error });
    }
  }
  return settings;
}
