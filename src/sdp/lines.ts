/** One line of a description: `<type>=<value>`. */
export interface SdpLine {
  /** Counted from 1, blank lines included. */
  readonly number: number;
  readonly type: string;
  /** Without blanks at its end. */
  readonly value: string;
}

/** The lines of the session, or of one media description with its `m=` line first. */
export type SdpSection = readonly SdpLine[];

/** Bytes of the longest body that is read. */
export const maxBodyBytes = 65_536;
/** More lines than any phone or browser sends. */
const MAX_LINES = 2_000;
/** More media descriptions than a call has. */
const MAX_MEDIA = 64;

/** Every type of RFC 8866 §5. */
const TYPES = "vosiuepcbtrzkam";

/**
 * Splits a body into its lines, first those of the session, then those of each media description.
 * Lines may end in CR LF, LF or CR (RFC 8866 §5); blank ones are skipped.
 * @returns the sections, at least that of the session; or what is wrong and in which line.
 */
export function splitSections(body: string): { sections: readonly SdpSection[] } | { problem: string } {
  const lines = body.split(/\r\n|\n|\r/, MAX_LINES + 1);
  if (lines.length > MAX_LINES) return { problem: `more than ${MAX_LINES} lines` };
  let section: SdpLine[] = [];
  const sections: SdpLine[][] = [section];
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const number = index + 1;
    const type = text.charAt(0);
    if (text.charAt(1) !== "=") return { problem: `line ${number}: not of the form <type>=<value>` };
    // RFC 8866 §5: a description with a type that is not known must be ignored as a whole.
    if (!TYPES.includes(type)) return { problem: `line ${number}: unknown type ${type}=` };
    if (text.includes("\0")) return { problem: `line ${number}: a NUL` };
    if (type === "m") {
      if (sections.length > MAX_MEDIA) return { problem: `line ${number}: more than ${MAX_MEDIA} media` };
      section = [];
      sections.push(section);
    }
    section.push({ number, type, value: text.slice(2).trimEnd() });
  }
  return { sections };
}

/** Name and value of an attribute line's value; the value is empty for an attribute without one. */
export function attributeOf(value: string): readonly [name: string, value: string] {
  const colon = value.indexOf(":");
  return colon < 0 ? [value, ""] : [value.slice(0, colon), value.slice(colon + 1)];
}
