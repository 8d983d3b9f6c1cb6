import { digitNames, groupsOfThousand, type Language } from "./language.ts";

function below100(n: number): string[] {
  if (n < 10) return [`digits/${n}`];
  if (n < 20 || n % 10 === 0) return [`numbers/${n}`];
  return [`numbers/${n - (n % 10)}`, `digits/${n % 10}`];
}

function below1000(n: number): string[] {
  const hundreds = Math.floor(n / 100);
  const rest = n % 100;
  return [
    ...(hundreds > 0 ? [`digits/${hundreds}`, "numbers/hundred"] : []),
    ...(rest > 0 ? below100(rest) : []),
  ];
}

/** As in American English, without "and": one hundred twelve. */
function cardinal(whole: number): string[] {
  if (whole === 0) return ["digits/0"];
  return groupsOfThousand(whole).flatMap(({ scale, count }) =>
    count === 0 ? [] : [...below1000(count), ...(scale === "" ? [] : [`numbers/${scale}`])],
  );
}

/** 1…31: the days of a month. */
function ordinal(n: number): string[] {
  if (n <= 20 || n === 30) return [`ordinals/${n}`];
  return [`numbers/${n - (n % 10)}`, `ordinals/${n % 10}`];
}

/** In pairs, as years are read: nineteen hundred, nineteen oh five, two thousand five, twenty twenty-six. */
function year(n: number): string[] {
  const century = Math.floor(n / 100);
  const rest = n % 100;
  if (n < 1000 || n % 1000 < 10) return cardinal(n);
  if (rest === 0) return [...below100(century), "numbers/hundred"];
  return [...below100(century), ...(rest < 10 ? ["numbers/oh"] : []), ...below100(rest)];
}

/** Two recordings would sound the same as others: a pound is also a key, and a second is also what follows the first. */
const recordedAs: ReadonlyMap<string, string> = new Map([
  ["money/gbp", "digits/pound"],
  ["units/second", "ordinals/2"],
]);

function counted(count: number, name: string): string[] {
  return [...cardinal(count), count === 1 ? (recordedAs.get(name) ?? name) : `${name}-many`];
}

/** Parts with "and" before the last. */
function listed(parts: readonly string[][]): string[] {
  return parts.flatMap((part, i) => (i > 0 && i === parts.length - 1 ? ["numbers/and", ...part] : part));
}

const currencies: ReadonlyMap<string, { readonly whole: string; readonly hundredth: string }> = new Map([
  ["EUR", { whole: "money/eur", hundredth: "money/cent" }],
  ["GBP", { whole: "money/gbp", hundredth: "money/penny" }],
  ["USD", { whole: "money/usd", hundredth: "money/cent" }],
]);

/** English as spoken in America: July fourth, twenty twenty-six; three fifteen p.m. */
export const english: Language = {
  tag: "en",
  number: ({ negative, whole, decimals }) => [
    ...(negative ? ["numbers/minus"] : []),
    ...cardinal(whole),
    ...(decimals === "" ? [] : ["numbers/point", ...digitNames(decimals)]),
  ],
  time: ({ hour, minute }) => [
    ...below100(hour % 12 || 12),
    ...(minute === 0 ? [] : [...(minute < 10 ? ["numbers/oh"] : []), ...below100(minute)]),
    hour < 12 ? "units/am" : "units/pm",
  ],
  duration({ days, hours, minutes, seconds }) {
    const parts = [
      ...(days > 0 ? [counted(days, "units/day")] : []),
      ...(hours > 0 ? [counted(hours, "units/hour")] : []),
      ...(minutes > 0 ? [counted(minutes, "units/minute")] : []),
      ...(seconds > 0 ? [counted(seconds, "units/second")] : []),
    ];
    return parts.length === 0 ? counted(0, "units/second") : listed(parts);
  },
  date: (date) => [
    `months/${date.month}`,
    ...ordinal(date.day),
    ...(date.year === undefined ? [] : year(date.year)),
  ],
  money({ negative, whole, hundredths, currency }) {
    const names = currencies.get(currency);
    if (!names) return undefined;
    const parts = [
      ...(whole > 0 || hundredths === 0 ? [counted(whole, names.whole)] : []),
      ...(hundredths > 0 ? [counted(hundredths, names.hundredth)] : []),
    ];
    return [...(negative ? ["numbers/minus"] : []), ...listed(parts)];
  },
};
