import { digitNames, groupsOfThousand, type Language } from "./language.ts";

type Gender = "masculine" | "feminine" | "neuter";

function below100(n: number): string[] {
  if (n < 10) return [`digits/${n}`];
  if (n < 20 || n % 10 === 0) return [`numbers/${n}`];
  return [`numbers/${n - (n % 10)}`, `digits/${n % 10}`];
}

function below1000(n: number): string[] {
  const hundreds = Math.floor(n / 100);
  const rest = n % 100;
  return [
    ...(hundreds === 0 ? [] : [hundreds === 1 ? "numbers/hundred" : `numbers/${hundreds}00`]),
    ...(rest > 0 ? below100(rest) : []),
  ];
}

/**
 * The form of a noun after a number (CLDR plural rules of Polish): `name` for exactly 1, `name-few` for what ends in 2
 * to 4 but 12 to 14, `name-many` for the rest, 21 and 101 included.
 */
function formAfter(count: number, name: string): string {
  if (count === 1) return name;
  const unit = count % 10;
  const teen = Math.floor(count / 10) % 10 === 1;
  return unit >= 2 && unit <= 4 && !teen ? `${name}-few` : `${name}-many`;
}

/**
 * A number that counts things of some gender. Only the number 1 itself has a gender (jedna, but dwadzieścia jeden), and
 * a 2 at the end is feminine or not (dwie, dwadzieścia dwie). A thousand is tysiąc, not jeden tysiąc.
 */
function cardinal(whole: number, gender: Gender = "masculine"): string[] {
  if (whole === 0) return ["digits/0"];
  if (whole === 1 && gender !== "masculine") return [`numbers/1-${gender}`];
  const names = groupsOfThousand(whole).flatMap(({ scale, count }) => {
    if (count === 0) return [];
    if (scale === "") return below1000(count);
    return [...(count === 1 ? [] : below1000(count)), formAfter(count, `numbers/${scale}`)];
  });
  const dwie = gender === "feminine" && whole % 10 === 2 && whole % 100 !== 12;
  return dwie ? [...names.slice(0, -1), "numbers/2-feminine"] : names;
}

function counted(count: number, name: string, gender: Gender): string[] {
  return [...cardinal(count, gender), formAfter(count, name)];
}

/** Days take no form of their own after 2 to 4. */
function days(count: number): string[] {
  return [...cardinal(count), count === 1 ? "units/day" : "units/day-many"];
}

/** 0…24, feminine: the hours. */
function hourOrdinal(hour: number): string[] {
  return hour <= 20
    ? [`ordinals/${hour}-feminine`]
    : ["ordinals/20-feminine", `ordinals/${hour - 20}-feminine`];
}

/** 1…99, masculine in the genitive: both words of it are declined. */
function genitiveOrdinal(n: number): string[] {
  if (n < 20 || n % 10 === 0) return [`ordinals/${n}-genitive`];
  return [`ordinals/${n - (n % 10)}-genitive`, `ordinals/${n % 10}-genitive`];
}

/** 1900…2099 in the genitive: only tens and units are ordinals, unless there are none. */
function genitiveYear(year: number): string[] | undefined {
  const rest = year % 100;
  switch (Math.floor(year / 100)) {
    case 19:
      return rest === 0
        ? ["numbers/thousand", "ordinals/900-genitive"]
        : ["numbers/thousand", "numbers/900", ...genitiveOrdinal(rest)];
    case 20:
      return rest === 0
        ? ["ordinals/2000-genitive"]
        : ["digits/2", "numbers/thousand-few", ...genitiveOrdinal(rest)];
    default:
      return undefined;
  }
}

const currencies: ReadonlyMap<
  string,
  Readonly<Record<"whole" | "hundredth", (count: number) => string[]>>
> = new Map([
  [
    "EUR",
    {
      // Euro is neuter and has one form: jedno euro, dwa euro, pięć euro.
      whole: (count) => [...cardinal(count, "neuter"), "money/eur"],
      hundredth: (count) => counted(count, "money/cent", "masculine"),
    },
  ],
  [
    "PLN",
    {
      whole: (count) => counted(count, "money/pln", "masculine"),
      hundredth: (count) => counted(count, "money/grosz", "masculine"),
    },
  ],
]);

/** Polish: dwadzieścia dwa złote; godzina dwudziesta druga piętnaście; piątego lipca dwa tysiące dwudziestego szóstego roku. */
export const polish: Language = {
  tag: "pl",
  number: ({ negative, whole, decimals }) => [
    ...(negative ? ["numbers/minus"] : []),
    ...cardinal(whole),
    ...(decimals === "" ? [] : ["numbers/point", ...digitNames(decimals)]),
  ],
  time: ({ hour, minute }) => [
    "units/hour",
    ...hourOrdinal(hour),
    ...(minute === 0 ? [] : [...(minute < 10 ? ["digits/0"] : []), ...below100(minute)]),
  ],
  duration(duration) {
    const parts = [
      ...(duration.days > 0 ? days(duration.days) : []),
      ...(duration.hours > 0 ? counted(duration.hours, "units/hour", "feminine") : []),
      ...(duration.minutes > 0 ? counted(duration.minutes, "units/minute", "feminine") : []),
      ...(duration.seconds > 0 ? counted(duration.seconds, "units/second", "feminine") : []),
    ];
    return parts.length === 0 ? counted(0, "units/second", "feminine") : parts;
  },
  date({ year, month, day }) {
    const dayAndMonth = [...genitiveOrdinal(day), `months/${month}`];
    if (year === undefined) return dayAndMonth;
    const names = genitiveYear(year);
    return names && [...dayAndMonth, ...names, "months/year"];
  },
  money({ negative, whole, hundredths, currency }) {
    const names = currencies.get(currency);
    if (!names) return undefined;
    return [
      ...(negative ? ["numbers/minus"] : []),
      ...(whole > 0 || hundredths === 0 ? names.whole(whole) : []),
      ...(hundredths > 0 ? names.hundredth(hundredths) : []),
    ];
  },
};
