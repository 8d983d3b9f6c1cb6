/** A message that somebody left. */
export interface VoiceMessage {
  /** Names it in its mailbox; later ones come later in alphabetical order. */
  readonly id: string;
  /** The caller's number, "" when none came. */
  readonly from: string;
  readonly fromName: string;
  /** When it was left. */
  readonly at: Date;
  readonly durationMs: number;
  /** Whether the owner has saved it, or the program has marked it as read. */
  readonly read: boolean;
  /** The sound, a `.wav` of 8 kHz. */
  readonly file: string;
}

/** How many messages a mailbox has. */
export interface MessageCounts {
  readonly unread: number;
  readonly read: number;
}

/** What is beside each sound, as `<id>.json`. */
interface MessageNote {
  readonly version: 1;
  readonly from: string;
  readonly fromName: string;
  readonly at: string;
  readonly durationMs: number;
  readonly read: boolean;
}

export function noteOf({ from, fromName, at, durationMs, read }: VoiceMessage): string {
  const note: MessageNote = { version: 1, from, fromName, at: at.toISOString(), durationMs, read };
  return `${JSON.stringify(note, undefined, 2)}\n`;
}

/** @returns undefined for what is no note of ours */
export function parseNote(text: string, id: string, file: string): VoiceMessage | undefined {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof note !== "object" || note === null) return undefined;
  const { from, fromName, at, durationMs, read } = note as Partial<Record<keyof MessageNote, unknown>>;
  const left = new Date(typeof at === "string" ? at : Number.NaN);
  if (typeof durationMs !== "number" || typeof read !== "boolean" || Number.isNaN(left.getTime()))
    return undefined;
  const word = (value: unknown): string => (typeof value === "string" ? value : "");
  return { id, from: word(from), fromName: word(fromName), at: left, durationMs, read, file };
}
