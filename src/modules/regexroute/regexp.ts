import { parseRegexp, RegexpError, type RegexpNode } from "./regexp-syntax.ts";

/** A POSIX regular expression that can be matched. */
export interface PosixRegexp {
  /**
   * The leftmost, and of those the longest match: its text and that of each group, undefined for a group that took no
   * part. Where it can be split among the groups in several ways, the first alternative and the longest repeat win, as in
   * GNU's C library. The time is linear in the length of the text, whatever the expression.
   */
  exec(text: string): readonly (string | undefined)[] | undefined;
}

export interface RegexpOptions {
  readonly extended?: boolean | undefined;
  /** Letters A–Z and a–z are the same. */
  readonly insensitive?: boolean | undefined;
}

type Place = (RegexpNode & { kind: "at" })["place"];

type Step =
  | { readonly kind: "set"; readonly has: (char: number) => boolean }
  /** Goes on at `to`, and with less right at `or`. */
  | { readonly kind: "split"; readonly to: number; readonly or: number }
  | { readonly kind: "save"; readonly slot: number }
  /** Ends a thread that has not moved since it saved `slot`: nothing is repeated for nothing. */
  | { readonly kind: "moved"; readonly slot: number }
  | { readonly kind: "at"; readonly place: Place }
  | { readonly kind: "found" };

/** Intervals are written out, so a nest of them can grow beyond reason. */
const maxSteps = 20_000;

/**
 * Compiles a POSIX expression to a program for a list of threads that walk through the text in step: nothing is tried
 * twice, so no expression can be slow on purpose. JavaScript's own expressions stop at the first alternative that fits,
 * POSIX's look for the longest match: of `1\|12` in 123 it is 12.
 * @throws RegexpError
 */
export function compileRegexp(source: string, options: RegexpOptions = {}): PosixRegexp {
  const { node, groups } = parseRegexp(source, options.extended ?? false);
  const steps: Step[] = [];
  let slots = 2 * groups + 2;

  const emit = (step: Step): number => {
    if (steps.length >= maxSteps) throw new RegexpError("the expression is too large");
    return steps.push(step) - 1;
  };
  /** A choice between what follows and a place that is told later. */
  const split = (): ((or: number) => void) => {
    const at = emit({ kind: "split", to: 0, or: 0 });
    return (or) => {
      steps[at] = { kind: "split", to: at + 1, or };
    };
  };
  const jump = (): ((to: number) => void) => {
    const at = emit({ kind: "split", to: 0, or: 0 });
    return (to) => {
      steps[at] = { kind: "split", to, or: to };
    };
  };
  /** Once more what has been there before, but not for nothing. */
  const writeAgain = (part: RegexpNode): void => {
    const slot = slots++;
    emit({ kind: "save", slot });
    write(part);
    emit({ kind: "moved", slot });
  };

  const write = (part: RegexpNode): void => {
    switch (part.kind) {
      case "set":
        emit({ kind: "set", has: setTest(part, options.insensitive ?? false) });
        break;
      case "sequence":
        for (const each of part.nodes) write(each);
        break;
      case "choice": {
        const ends: ((to: number) => void)[] = [];
        for (const each of part.nodes.slice(0, -1)) {
          const next = split();
          write(each);
          ends.push(jump());
          next(steps.length);
        }
        const last = part.nodes.at(-1);
        if (last) write(last);
        for (const end of ends) end(steps.length);
        break;
      }
      case "repeat": {
        const outs: ((or: number) => void)[] = [];
        const endless = part.max === Number.POSITIVE_INFINITY;
        const written = endless ? Math.max(1, part.min) : part.max;
        for (let time = 0; time < written; time++) {
          if (time >= part.min) outs.push(split());
          if (time > 0 && time >= part.min) writeAgain(part.node);
          else write(part.node);
        }
        if (endless) {
          const start = steps.length;
          outs.push(split());
          writeAgain(part.node);
          jump()(start);
        }
        for (const out of outs) out(steps.length);
        break;
      }
      case "group":
        emit({ kind: "save", slot: 2 * part.index });
        write(part.node);
        emit({ kind: "save", slot: 2 * part.index + 1 });
        break;
      case "at":
        emit(part);
        break;
    }
  };
  write(node);
  emit({ kind: "found" });

  return {
    exec(text) {
      const characters = Array.from(text);
      const marks = run(
        steps,
        slots,
        characters.map((char) => char.codePointAt(0) ?? 0),
      );
      if (!marks) return undefined;
      const found: (string | undefined)[] = [];
      for (let slot = 0; slot < 2 * groups + 2; slot += 2) {
        const [from = -1, to = -1] = [marks[slot], marks[slot + 1]];
        found.push(from < 0 || to < 0 ? undefined : characters.slice(from, to).join(""));
      }
      return found;
    },
  };
}

function setTest(
  { ranges, negated }: RegexpNode & { kind: "set" },
  insensitive: boolean,
): (char: number) => boolean {
  const within = (char: number): boolean => ranges.some(([from, to]) => char >= from && char <= to);
  const other = (char: number): number =>
    char >= 65 && char <= 90 ? char + 32 : char >= 97 && char <= 122 ? char - 32 : char;
  return insensitive
    ? (char) => (within(char) || within(other(char))) !== negated
    : (char) => within(char) !== negated;
}

/** Positions that a thread has saved, by slot; -1 is none. Slots 0 and 1 are the whole match. */
type Marks = readonly number[];

function run(steps: readonly Step[], slots: number, chars: readonly number[]): Marks | undefined {
  /** Threads that wait for a character, by the step they wait at; those with more right come first. */
  let threads = new Map<number, Marks>();
  let best: number[] | undefined;
  const first = steps[0];
  const anchored = first?.kind === "at" && first.place === "start";

  /** Follows a thread to where it needs a character. Where two meet, the later one has less right and ends. */
  const follow = (
    into: Map<number, Marks>,
    seen: Set<number>,
    start: number,
    first: Marks,
    position: number,
  ): void => {
    const open: [number, Marks][] = [[start, first]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [at, marks] = next;
      if (seen.has(at)) continue;
      seen.add(at);
      const step = steps[at];
      switch (step?.kind) {
        case "set":
          into.set(at, marks);
          break;
        case "split":
          open.push([step.or, marks], [step.to, marks]);
          break;
        case "save": {
          const saved = [...marks];
          saved[step.slot] = position;
          open.push([at + 1, saved]);
          break;
        }
        case "moved":
          if (marks[step.slot] !== position) open.push([at + 1, marks]);
          break;
        case "at":
          if (isAt(step.place, chars, position)) open.push([at + 1, marks]);
          break;
        case "found":
          if (isBetter(marks, position, best)) {
            best = [...marks];
            best[1] = position;
          }
          break;
        case undefined:
          break;
      }
    }
  };

  for (let position = 0; position <= chars.length; position++) {
    const char = chars[position];
    const moved = new Map<number, Marks>();
    const seen = new Set<number>();
    if (position > 0) {
      const before = chars[position - 1] ?? 0;
      for (const [at, marks] of threads) {
        const step = steps[at];
        const tooLate = best !== undefined && (marks[0] ?? 0) > (best[0] ?? 0);
        if (step?.kind === "set" && !tooLate && step.has(before))
          follow(moved, seen, at + 1, marks, position);
      }
    }
    if (!best && (position === 0 || !anchored)) {
      const begun = new Array<number>(slots).fill(-1);
      begun[0] = position;
      follow(moved, seen, 0, begun, position);
    }
    if (char === undefined || (moved.size === 0 && (best || anchored))) break;
    threads = moved;
  }
  return best;
}

/** An earlier start is better, then a later end; of equals the one that was found first stays. */
function isBetter(marks: Marks, end: number, best: Marks | undefined): boolean {
  if (!best) return true;
  const [start = 0, bestStart = 0, bestEnd = 0] = [marks[0], best[0], best[1]];
  return start < bestStart || (start === bestStart && end > bestEnd);
}

const isWord = (char: number | undefined): boolean =>
  char !== undefined &&
  ((char >= 48 && char <= 57) || (char >= 65 && char <= 90) || char === 95 || (char >= 97 && char <= 122));

function isAt(place: Place, chars: readonly number[], position: number): boolean {
  const before = isWord(chars[position - 1]);
  const after = isWord(chars[position]);
  switch (place) {
    case "start":
      return position === 0;
    case "end":
      return position === chars.length;
    case "word-start":
      return !before && after;
    case "word-end":
      return before && !after;
    case "boundary":
      return before !== after;
    case "inside":
      return before === after;
  }
}
