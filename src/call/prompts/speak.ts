import { YaytsError } from "../../base/index.ts";
import { type NumberToSpeak, parseMoney, parseNumber } from "./decimal.ts";
import { english } from "./english.ts";
import type { CivilDate, CivilTime, Language } from "./language.ts";
import { polish } from "./polish.ts";
import { languageChain } from "./prompt-name.ts";

/** In which language to speak. */
export interface SpeakOptions {
  /** The tag of English or Polish (`en`, `pl-PL`), or a language of your own. Default `en`. */
  readonly language?: string | Language | undefined;
}

/** How to speak a point in time. */
export interface SpeakTimeOptions extends SpeakOptions {
  /** Time zone of a `Date`, an IANA name such as `Europe/Warsaw`. Default: that of the machine. */
  readonly timeZone?: string | undefined;
}

const builtIn: ReadonlyMap<string, Language> = new Map([english, polish].map((one) => [one.tag, one]));

function languageOf({ language = "en" }: SpeakOptions): Language {
  if (typeof language !== "string") return language;
  for (const tag of languageChain(language)) {
    const found = builtIn.get(tag.toLowerCase());
    if (found) return found;
  }
  throw new YaytsError(
    "bad-argument",
    `no values are spoken in ${JSON.stringify(language)}, only in ${[...builtIn.keys()].join(", ")}; give a Language of your own`,
  );
}

/** Names that are found in their language whatever the player's is. */
function tagged({ tag }: Language, names: readonly string[]): string[] {
  return names.map((name) => `${tag}:${name}`);
}

/**
 * A number as names of prompts, to be played one after the other: up to 999,999,999,999, with sign and decimals.
 * @throws YaytsError `bad-argument` for what is no such number, and for a language without words
 */
export function speakNumber(value: NumberToSpeak, options: SpeakOptions = {}): string[] {
  const language = languageOf(options);
  return tagged(language, language.number(parseNumber(value)));
}

const nameOfSign: ReadonlyMap<string, string> = new Map([
  ["*", "star"],
  ["#", "pound"],
  ["+", "plus"],
]);

/**
 * Digits one by one, as of a telephone number: 0 to 9, `*`, `#` and `+`. Spaces and `- . ( ) /` are left out.
 * @throws YaytsError `bad-argument` for other signs
 */
export function speakDigits(digits: string, options: SpeakOptions = {}): string[] {
  const signs = digits.replace(/[\s\-.()/]/g, "");
  if (!/^[0-9*#+]*$/.test(signs)) {
    throw new YaytsError(
      "bad-argument",
      `cannot spell ${JSON.stringify(digits.slice(0, 40))}: digits, * # + only`,
    );
  }
  return tagged(
    languageOf(options),
    [...signs].map((sign) => `digits/${nameOfSign.get(sign) ?? sign}`),
  );
}

function zoned(date: Date, timeZone: string | undefined): CivilDate & CivilTime {
  if (Number.isNaN(date.getTime())) throw new YaytsError("bad-argument", "cannot speak an invalid Date");
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-u-ca-iso8601", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
  } catch (cause) {
    throw new YaytsError("bad-argument", `no time zone ${JSON.stringify(timeZone)}`, { cause });
  }
  const parts = new Map(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
  };
}

const leapYear = 2000;

function isDay(year: number, month: number, day: number): boolean {
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, day);
  const same = utc.getUTCFullYear() === year && utc.getUTCMonth() === month - 1 && utc.getUTCDate() === day;
  return same && year >= 1 && year <= 9999;
}

/**
 * A date, without the year when it has none: "July fifth, twenty twenty-six", "piątego lipca dwa tysiące dwudziestego szóstego roku".
 * @throws YaytsError `bad-argument` for a day that no calendar has, and a year without words (Polish: before 1900, from 2100)
 */
export function speakDate(value: Date | CivilDate, options: SpeakTimeOptions = {}): string[] {
  const language = languageOf(options);
  const { year, month, day } = value instanceof Date ? zoned(value, options.timeZone) : value;
  const names = isDay(year ?? leapYear, month, day) ? language.date({ year, month, day }) : undefined;
  if (!names) {
    throw new YaytsError(
      "bad-argument",
      `cannot speak the date ${year ?? ""}-${month}-${day} in ${language.tag}`,
    );
  }
  return tagged(language, names);
}

/**
 * A time of day: "three fifteen p.m.", "godzina piętnasta piętnaście".
 * @throws YaytsError `bad-argument` for a time that no clock shows
 */
export function speakTime(value: Date | CivilTime, options: SpeakTimeOptions = {}): string[] {
  const language = languageOf(options);
  const { hour, minute } = value instanceof Date ? zoned(value, options.timeZone) : value;
  const between = (n: number, end: number): boolean => Number.isInteger(n) && n >= 0 && n < end;
  if (!between(hour, 24) || !between(minute, 60)) {
    throw new YaytsError("bad-argument", `cannot speak the time ${hour}:${minute}`);
  }
  return tagged(language, language.time({ hour, minute }));
}

const secondMs = 1000;
const daySeconds = 86_400;

/**
 * A duration, rounded to whole seconds: "one hour, two minutes and five seconds", "dwie minuty jedna sekunda". Parts that
 * are zero are left out.
 * @throws YaytsError `bad-argument` when it is negative or not finite
 */
export function speakDuration(durationMs: number, options: SpeakOptions = {}): string[] {
  const language = languageOf(options);
  if (!(durationMs >= 0 && durationMs <= Number.MAX_SAFE_INTEGER)) {
    throw new YaytsError("bad-argument", `cannot speak a duration of ${durationMs} ms`);
  }
  const seconds = Math.round(durationMs / secondMs);
  const names = language.duration({
    days: Math.floor(seconds / daySeconds),
    hours: Math.floor(seconds / 3600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  });
  return tagged(language, names);
}

/**
 * An amount of money: "five dollars and twenty cents", "dwadzieścia dwa złote pięć groszy".
 * @param value the amount in dollars, złote …; write one that must be exact as text, `"12.50"`
 * @param currency ISO 4217: EUR, GBP, USD in English, EUR, PLN in Polish
 * @throws YaytsError `bad-argument` for what is no amount, and a currency without words
 */
export function speakMoney(value: NumberToSpeak, currency: string, options: SpeakOptions = {}): string[] {
  const language = languageOf(options);
  const names = language.money({ ...parseMoney(value), currency: currency.toUpperCase() });
  if (!names) {
    throw new YaytsError(
      "bad-argument",
      `cannot speak the currency ${JSON.stringify(currency)} in ${language.tag}`,
    );
  }
  return tagged(language, names);
}
