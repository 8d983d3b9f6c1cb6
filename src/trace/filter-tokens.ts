/** A word of a filter, and where it stands. */
export interface FilterWord {
  /** Without quotes. */
  readonly text: string;
  /** Which of its characters were quoted: operators among them mean nothing. */
  readonly quoted: readonly boolean[];
  /** From 0. */
  readonly position: number;
}

/** A filter: all groups must fit; of a group's words one. */
export type FilterWords = readonly (readonly FilterWord[])[];

/** What is wrong with a filter, and where. */
export interface FilterProblem {
  readonly text: string;
  /** From 0, of the first character that is meant. */
  readonly position: number;
}

/** Splits a filter at blanks outside quotes; `|` between words makes them alternatives. */
export function splitFilter(filter: string): FilterWords | FilterProblem {
  const groups: FilterWord[][] = [];
  let bar: number | undefined;
  let at = 0;
  while (at < filter.length) {
    const char = filter.charAt(at);
    if (/\s/.test(char)) at++;
    else if (char === "|") {
      if (groups.length === 0 || bar !== undefined)
        return { text: "a | needs something before it", position: at };
      bar = at++;
    } else {
      const read = readWord(filter, at);
      if ("text" in read && "position" in read && !("word" in read)) return read;
      const { word, end } = read as { word: FilterWord; end: number };
      if (bar === undefined) groups.push([word]);
      else groups.at(-1)?.push(word);
      bar = undefined;
      at = end;
    }
  }
  return bar === undefined ? groups : { text: "a | needs something after it", position: bar };
}

type Read = { readonly word: FilterWord; readonly end: number } | FilterProblem;

function readWord(filter: string, start: number): Read {
  let text = "";
  const quoted: boolean[] = [];
  let quote: number | undefined;
  let at = start;
  for (; at < filter.length; at++) {
    const char = filter.charAt(at);
    if (char === '"') quote = quote === undefined ? at : undefined;
    else if (quote !== undefined && char === "\\" && /["\\]/.test(filter.charAt(at + 1))) {
      text += filter.charAt(++at);
      quoted.push(true);
    } else if (quote === undefined && (/\s/.test(char) || (char === "|" && !text.includes("~=")))) break;
    else {
      text += char;
      quoted.push(quote !== undefined);
    }
  }
  if (quote !== undefined) return { text: 'a quote " has no end', position: quote };
  return { word: { text, quoted, position: start }, end: at };
}
