import {
  type CivilDate,
  type CivilTime,
  type NumberToSpeak,
  speakDate,
  speakDigits,
  speakDuration,
  speakMoney,
  speakNumber,
  speakTime,
} from "../prompts/index.ts";
import type { PlayableValue } from "./playable.ts";

const value = (promptsIn: PlayableValue["promptsIn"]): PlayableValue => ({ kind: "value", promptsIn });

/**
 * Values to play, in the language of the call, as in `call.play(["you-have", spoken.number(3), "messages"])`. One that cannot
 * be spoken is told when it is played: an outcome of kind `failed`.
 */
export const spoken: {
  /** Up to 999,999,999,999, with sign and decimals. */
  number(amount: NumberToSpeak): PlayableValue;
  /** One by one, as of a telephone number: 0 to 9, `*`, `#` and `+`. */
  digits(digits: string): PlayableValue;
  /** @param timeZone of a `Date`, an IANA name; default that of the machine */
  date(date: Date | CivilDate, timeZone?: string): PlayableValue;
  /** @param timeZone of a `Date`, an IANA name; default that of the machine */
  time(time: Date | CivilTime, timeZone?: string): PlayableValue;
  duration(durationMs: number): PlayableValue;
  /** @param currency ISO 4217, as in `EUR` */
  money(amount: NumberToSpeak, currency: string): PlayableValue;
} = {
  number: (amount) => value((language) => speakNumber(amount, { language })),
  digits: (digits) => value((language) => speakDigits(digits, { language })),
  date: (date, timeZone) => value((language) => speakDate(date, { language, timeZone })),
  time: (time, timeZone) => value((language) => speakTime(time, { language, timeZone })),
  duration: (durationMs) => value((language) => speakDuration(durationMs, { language })),
  money: (amount, currency) => value((language) => speakMoney(amount, currency, { language })),
};
