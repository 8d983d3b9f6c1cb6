import { YaytsError } from "../../base/index.ts";
import type { SpokenNumber } from "./language.ts";

/** A number: as JavaScript has it, or as decimal digits with a point (`"-12.50"`), which keeps its zeros. */
export type NumberToSpeak = number | bigint | string;

const largest = 999_999_999_999;
const mostDecimals = 12;
const decimalText = /^([-−+]?)(\d{1,15})(?:\.(\d{1,15}))?$/;

function textOf(value: NumberToSpeak): string {
  if (typeof value !== "number") return String(value).trim();
  const text = String(value);
  // Small numbers are written with an exponent, 1e-7.
  return text.includes("e-") ? value.toFixed(mostDecimals).replace(/\.?0+$/, "") : text;
}

/**
 * Takes a number apart.
 * @throws YaytsError `bad-argument` for what is no number, has more than 12 decimals or is over 999,999,999,999
 */
export function parseNumber(value: NumberToSpeak): SpokenNumber {
  const [matched, sign = "", digits = "", decimals = ""] = decimalText.exec(textOf(value)) ?? [];
  const whole = Number(digits);
  if (matched === undefined || whole > largest || decimals.length > mostDecimals) {
    const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
    throw new YaytsError(
      "bad-argument",
      `cannot speak the number ${shown}: it takes digits up to 999999999999, with at most ${mostDecimals} decimals`,
    );
  }
  const zero = whole === 0 && /^0*$/.test(decimals);
  return { negative: !zero && sign !== "" && sign !== "+", whole, decimals };
}

/**
 * Takes an amount of money apart. A JavaScript number is rounded to hundredths, since few amounts are exact in it.
 * @throws YaytsError `bad-argument` for what is no number, or a text with more than two decimals
 */
export function parseMoney(value: NumberToSpeak): {
  readonly negative: boolean;
  readonly whole: number;
  readonly hundredths: number;
} {
  const rounded = typeof value === "number" && Math.abs(value) < 1e15 ? value.toFixed(2) : value;
  const { negative, whole, decimals } = parseNumber(rounded);
  if (decimals.length > 2 && /[1-9]/.test(decimals.slice(2))) {
    throw new YaytsError("bad-argument", `an amount of money has two decimals, not ${String(value)}`);
  }
  return { negative, whole, hundredths: Number(decimals.slice(0, 2).padEnd(2, "0")) };
}
