import { readdirSync, readFileSync } from "node:fs";

/** One message of RFC 4475 or RFC 5118, in src/sip/vectors/. */
export interface SipVector {
  readonly rfc: "4475" | "5118";
  /** The RFC's own name for it: `wsinv`. */
  readonly name: string;
  readonly section: string;
  readonly title: string;
  /** `fine`, the status a request must be answered with, or `drop`: a response that must be dropped. */
  readonly expect: string;
  readonly bytes: Buffer;
}

/**
 * The messages of an RFC. A file has a head of `key: value` lines, an empty line, and the message: its lines end in CR LF
 * there, `«07 0A»` stands for bytes and `«10*word»` for repeated text.
 */
export function sipVectors(rfc: SipVector["rfc"]): SipVector[] {
  const folder = new URL(`../src/sip/vectors/rfc${rfc}/`, import.meta.url);
  return readdirSync(folder).map((file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const split = text.indexOf("\n\n");
    const head = new Map(
      text
        .slice(0, split)
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)] as const),
    );
    const of = (key: string) => head.get(key) ?? "";
    const bytes = messageBytes(text.slice(split + 2));
    return {
      rfc,
      name: file.replace(".txt", ""),
      section: of("section"),
      title: of("title"),
      expect: of("expect"),
      bytes,
    };
  });
}

function messageBytes(text: string): Buffer {
  const pieces = text.split(/«([^»]*)»/);
  return Buffer.concat(
    pieces.map((piece, at) => {
      if (at % 2 === 0) return Buffer.from(piece.replaceAll("\n", "\r\n"));
      const [, count, repeated] = /^(\d+)\*(.*)$/.exec(piece) ?? [];
      if (repeated !== undefined) return Buffer.from(repeated.repeat(Number(count)));
      return Buffer.from(piece.replaceAll(" ", ""), "hex");
    }),
  );
}
