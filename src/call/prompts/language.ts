/** A number as it is spoken: sign, whole part up to 999,999,999,999, and the digits after the point. */
export interface SpokenNumber {
  readonly negative: boolean;
  readonly whole: number;
  /** `14` for 3.14, as many zeros as were given; empty for a whole number. */
  readonly decimals: string;
}

/** A day of the calendar. */
export interface CivilDate {
  /** 1…9999; undefined when only day and month are to be spoken. */
  readonly year?: number | undefined;
  /** 1…12. */
  readonly month: number;
  /** 1…31. */
  readonly day: number;
}

/** A time of day. */
export interface CivilTime {
  /** 0…23. */
  readonly hour: number;
  /** 0…59. */
  readonly minute: number;
}

/** A duration taken apart; hours, minutes and seconds are less than a day, an hour, a minute. */
export interface SpokenDuration {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** An amount of money. */
export interface SpokenMoney {
  readonly negative: boolean;
  /** Dollars, złote. */
  readonly whole: number;
  /** Hundredths of it: cents, grosze. */
  readonly hundredths: number;
  /** ISO 4217, in capitals: `EUR`. */
  readonly currency: string;
}

/**
 * How a language speaks values: each member gives the names of prompts that make the value when played one after the
 * other. Names are those that `createPrompts` resolves in this language. What comes in has been checked.
 */
export interface Language {
  /** BCP 47 tag, the name of its folders. */
  readonly tag: string;
  number(value: SpokenNumber): string[];
  time(time: CivilTime): string[];
  duration(duration: SpokenDuration): string[];
  /** undefined for a year that it has no words for. */
  date(date: CivilDate): string[] | undefined;
  /** undefined for a currency that it has no words for. */
  money(money: SpokenMoney): string[] | undefined;
}

/** A number in groups of three digits, the highest group first; 1,000,012 is 0, 1, 0, 12. */
export function groupsOfThousand(
  whole: number,
): { readonly scale: "billion" | "million" | "thousand" | ""; readonly count: number }[] {
  return [
    { scale: "billion", count: Math.floor(whole / 1e9) },
    { scale: "million", count: Math.floor(whole / 1e6) % 1000 },
    { scale: "thousand", count: Math.floor(whole / 1000) % 1000 },
    { scale: "", count: whole % 1000 },
  ];
}

/** `digits/…` for each digit of a text, for what comes after the point. */
export function digitNames(digits: string): string[] {
  return [...digits].map((digit) => `digits/${digit}`);
}
