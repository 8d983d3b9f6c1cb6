import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prompts } from "../../../scripts/prompt-texts.mjs";
import {
  createPrompts,
  type Language,
  speakDate,
  speakDigits,
  speakDuration,
  speakMoney,
  speakNumber,
  speakTime,
} from "./index.ts";

const textOfId = new Map(prompts.map(({ id, text }) => [id, text]));

/** What the prompts say, by the table that they were recorded from. Fails for a name without a recording. */
function said(names: readonly string[]): string {
  const words = names.map((name) => {
    const [, language, folder, file] = /^(\w+):(\w+)\/([\w-]+)$/.exec(name) ?? [];
    const text = textOfId.get(`${folder}/${language}/${file}`);
    assert.ok(text, `${name} has no recording`);
    return text;
  });
  return words.join(" ");
}

const whole = fc.oneof(
  fc.integer({ min: 0, max: 2200 }),
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.maxSafeNat().map((n) => n % 1_000_000_000_000),
  // Round numbers, with groups that are empty or 1.
  fc
    .array(fc.constantFrom(0, 1, 2, 5, 12, 21, 22, 100, 101, 112, 999), { minLength: 1, maxLength: 4 })
    .map((groups) => groups.reduce<number>((sum, group) => sum * 1000 + group, 0)),
);

const words = {
  en: {
    units:
      "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    tens: "twenty thirty forty fifty sixty seventy eighty ninety",
  },
  pl: {
    units:
      "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście",
    tens: "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt",
  },
};
const polishHundreds = "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset".split(
  " ",
);

/** Takes one of the words off the front, if it is one. */
function take(text: string[], choices: readonly string[]): number {
  const at = choices.indexOf(text[0] ?? "");
  if (at >= 0) text.shift();
  return at;
}

/** Reads a number below 1000 off the front, strictly. Undefined when there is none. */
function readBelow1000(text: string[], language: "en" | "pl"): number | undefined {
  const before = text.length;
  const units = words[language].units.split(" ");
  let value = 0;
  if (language === "pl") value += 100 * (take(text, polishHundreds) + 1);
  else if (text[1] === "hundred") {
    value += 100 * take(text, units);
    assert.ok(value >= 100 && value <= 900);
    text.shift();
  }
  const ten = take(text, words[language].tens.split(" "));
  if (ten >= 0) value += 20 + 10 * ten;
  const unit = take(text, ten >= 0 ? units.slice(0, 10) : units);
  if (unit >= 0) {
    value += unit;
    assert.ok(unit > 0 || value === 0, "no zero after something else");
  }
  return text.length === before ? undefined : value;
}

const scales = {
  en: {
    one: ["billion", "million", "thousand"],
    few: [],
    many: [],
    other: ["billion", "million", "thousand"],
  },
  pl: {
    one: ["miliard", "milion", "tysiąc"],
    few: ["miliardy", "miliony", "tysiące"],
    many: ["miliardów", "milionów", "tysięcy"],
    other: [],
  },
};

/** Reads a whole number; the form of each scale is held to the plural rules that come with the platform. */
function readNumber(text: string, language: "en" | "pl"): number {
  const left = text.split(" ");
  const rules = new Intl.PluralRules(language);
  let value = 0;
  for (const [level, power] of [1e9, 1e6, 1e3].entries()) {
    const ahead = [...left];
    // A thousand alone is tysiąc in Polish, and one thousand in English.
    const bare = language === "pl" && take(ahead, [scales.pl.one[level] ?? ""]) === 0;
    const count = bare ? 1 : readBelow1000(ahead, language);
    if (count === undefined) continue;
    const form = rules.select(count) as keyof typeof scales.en;
    if (!bare && take(ahead, [scales[language][form][level] ?? "?"]) < 0) continue;
    if (!bare && language === "pl") assert.notEqual(count, 1, "not jeden tysiąc");
    value += count * power;
    left.splice(0, left.length, ...ahead);
  }
  if (left.length > 0) value += readBelow1000(left, language) ?? Number.NaN;
  assert.deepEqual(left, [], `what is left of "${text}"`);
  return value;
}

for (const language of ["en", "pl"] as const) {
  test(`every number from 0 to 999,999,999,999 in ${language} reads back as itself`, () => {
    for (let n = 0; n < 3000; n++) assert.equal(readNumber(said(speakNumber(n, { language })), language), n);
    fc.assert(
      fc.property(whole, (n) => {
        assert.equal(readNumber(said(speakNumber(n, { language })), language), n);
      }),
      { numRuns: 2000 },
    );
  });
}

for (const [value, english, polish] of [
  [0, "zero", "zero"],
  [-0, "zero", "zero"],
  [-7, "minus seven", "minus siedem"],
  [112, "one hundred twelve", "sto dwanaście"],
  [1000, "one thousand", "tysiąc"],
  [1_002_001, "one million two thousand one", "milion dwa tysiące jeden"],
  [21_022, "twenty one thousand twenty two", "dwadzieścia jeden tysięcy dwadzieścia dwa"],
  [5_112_000_000, "five billion one hundred twelve million", "pięć miliardów sto dwanaście milionów"],
  [999_999_999_999n, undefined, undefined],
  [3.14, "three point one four", "trzy przecinek jeden cztery"],
  ["2.50", "two point five zero", "dwa przecinek pięć zero"],
  ["-0.00", "zero point zero zero", "zero przecinek zero zero"],
  [-0.5, "minus zero point five", "minus zero przecinek pięć"],
  [1e-7, "zero point zero zero zero zero zero zero one", undefined],
] as const) {
  test(`the number ${String(value)} is said right`, () => {
    if (english !== undefined) assert.equal(said(speakNumber(value)), english);
    if (polish !== undefined) assert.equal(said(speakNumber(value, { language: "pl-PL" })), polish);
    assert.notEqual(said(speakNumber(value)), "");
  });
}

for (const value of [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e12,
  1e21,
  "",
  "1,5",
  "0x10",
  "1e3",
  "12 34",
  -1e12,
  0.1 + 0.2,
]) {
  test(`${JSON.stringify(value)} (${value}) is refused as a number to speak`, () => {
    assert.throws(() => speakNumber(value), { code: "bad-argument" });
  });
}

const polishMoney = {
  PLN: { one: "złoty", few: "złote", many: "złotych", other: "" },
  grosz: { one: "grosz", few: "grosze", many: "groszy", other: "" },
};

test("Polish money has the form of złoty and grosz that the number asks for, up to a million", () => {
  const rules = new Intl.PluralRules("pl");
  const check = (n: number): void => {
    const text = said(speakMoney(n, "PLN", { language: "pl" }));
    assert.equal(
      text,
      `${said(speakNumber(n, { language: "pl" }))} ${polishMoney.PLN[rules.select(n) as "one"]}`,
    );
  };
  for (let n = 0; n < 2000; n++) check(n);
  fc.assert(fc.property(whole, check));
  for (let grosz = 1; grosz < 100; grosz++) {
    const text = said(speakMoney(`0.${String(grosz).padStart(2, "0")}`, "PLN", { language: "pl" }));
    const noun = polishMoney.grosz[rules.select(grosz) as "one"];
    assert.equal(text, `${said(speakNumber(grosz, { language: "pl" }))} ${noun}`);
  }
});

for (const [amount, currency, language, text] of [
  [1, "PLN", "pl", "jeden złoty"],
  [2, "PLN", "pl", "dwa złote"],
  [5, "PLN", "pl", "pięć złotych"],
  [22, "PLN", "pl", "dwadzieścia dwa złote"],
  [112, "PLN", "pl", "sto dwanaście złotych"],
  ["1022.05", "PLN", "pl", "tysiąc dwadzieścia dwa złote pięć groszy"],
  [-3.02, "PLN", "pl", "minus trzy złote dwa grosze"],
  [0, "PLN", "pl", "zero złotych"],
  [0.1 + 0.2, "PLN", "pl", "trzydzieści groszy"],
  [1, "EUR", "pl", "jedno euro"],
  [2.21, "eur", "pl", "dwa euro dwadzieścia jeden centów"],
  [21, "EUR", "pl", "dwadzieścia jeden euro"],
  [1.01, "USD", "en", "one dollar and one cent"],
  [0.99, "USD", "en", "ninety nine cents"],
  [2, "GBP", "en", "two pounds"],
  ["2.01", "GBP", "en", "two pounds and one penny"],
  [-2.5, "EUR", "en", "minus two euros and fifty cents"],
] as const) {
  test(`${amount} ${currency} in ${language} is "${text}"`, () => {
    assert.equal(said(speakMoney(amount, currency, { language })), text);
  });
}

test("money of another currency, or with parts of a cent, is refused", () => {
  assert.throws(() => speakMoney(1, "XXX"), { code: "bad-argument" });
  assert.throws(() => speakMoney("1.005", "EUR"), { code: "bad-argument" });
  assert.equal(said(speakMoney("1.500", "EUR")), "one euro and fifty cents");
});

for (const [ms, english, polish] of [
  [0, "zero seconds", "zero sekund"],
  [1000, "one second", "jedna sekunda"],
  [2000, "two seconds", "dwie sekundy"],
  [12_000, "twelve seconds", "dwanaście sekund"],
  [21_000, "twenty one seconds", "dwadzieścia jeden sekund"],
  [22_499, "twenty two seconds", "dwadzieścia dwie sekundy"],
  [61_000, "one minute and one second", "jedna minuta jedna sekunda"],
  [7_320_000, "two hours and two minutes", "dwie godziny dwie minuty"],
  [
    90_061_000,
    "one day one hour one minute and one second",
    "jeden dzień jedna godzina jedna minuta jedna sekunda",
  ],
  [3 * 86_400_000, "three days", "trzy dni"],
  [102 * 86_400_000, "one hundred two days", "sto dwa dni"],
] as const) {
  test(`${ms} ms are "${english}", "${polish}"`, () => {
    assert.equal(said(speakDuration(ms)), english);
    assert.equal(said(speakDuration(ms, { language: "pl" })), polish);
  });
}

test("Polish seconds, minutes and hours are counted in the feminine, with the form of the platform's plural rules", () => {
  const rules = new Intl.PluralRules("pl");
  const nouns = { one: "minuta", few: "minuty", many: "minut", other: "" };
  for (let n = 1; n < 60; n++) {
    const feminine = said(speakNumber(n, { language: "pl" }))
      .replace(/^jeden$/, "jedna")
      .replace(/\bdwa$/, "dwie");
    const text = said(speakDuration(n * 60_000, { language: "pl" }));
    assert.equal(text, `${feminine} ${nouns[rules.select(n) as "one"]}`);
  }
});

for (const [hour, minute, english, polish] of [
  [0, 0, "twelve a.m.", "godzina zerowa"],
  [0, 5, "twelve oh five a.m.", "godzina zerowa zero pięć"],
  [1, 20, "one twenty a.m.", "godzina pierwsza dwadzieścia"],
  [8, 15, "eight fifteen a.m.", "godzina ósma piętnaście"],
  [12, 0, "twelve p.m.", "godzina dwunasta"],
  [20, 1, "eight oh one p.m.", "godzina dwudziesta zero jeden"],
  [22, 22, "ten twenty two p.m.", "godzina dwudziesta druga dwadzieścia dwa"],
  [23, 59, "eleven fifty nine p.m.", "godzina dwudziesta trzecia pięćdziesiąt dziewięć"],
] as const) {
  test(`${hour}:${minute} is "${english}", "${polish}"`, () => {
    assert.equal(said(speakTime({ hour, minute })), english);
    assert.equal(said(speakTime({ hour, minute }, { language: "pl" })), polish);
  });
}

for (const [year, month, day, english, polish] of [
  [2026, 7, 5, "July fifth twenty twenty six", "piątego lipca dwa tysiące dwudziestego szóstego roku"],
  [
    2026,
    1,
    31,
    "January thirty first twenty twenty six",
    "trzydziestego pierwszego stycznia dwa tysiące dwudziestego szóstego roku",
  ],
  [2000, 2, 29, "February twenty ninth two thousand", "dwudziestego dziewiątego lutego dwutysięcznego roku"],
  [2005, 3, 20, "March twentieth two thousand five", "dwudziestego marca dwa tysiące piątego roku"],
  [2012, 4, 12, "April twelfth twenty twelve", "dwunastego kwietnia dwa tysiące dwunastego roku"],
  [
    1999,
    12,
    30,
    "December thirtieth nineteen ninety nine",
    "trzydziestego grudnia tysiąc dziewięćset dziewięćdziesiątego dziewiątego roku",
  ],
  [1900, 5, 1, "May first nineteen hundred", "pierwszego maja tysiąc dziewięćsetnego roku"],
  [1905, 6, 2, "June second nineteen oh five", "drugiego czerwca tysiąc dziewięćset piątego roku"],
  [undefined, 2, 29, "February twenty ninth", "dwudziestego dziewiątego lutego"],
] as const) {
  test(`${year}-${month}-${day} is "${english}", "${polish}"`, () => {
    assert.equal(said(speakDate({ year, month, day })), english);
    assert.equal(said(speakDate({ year, month, day }, { language: "pl" })), polish);
  });
}

test("every day from 1900 to 2099 and every minute has its words, and no two the same", () => {
  for (const language of ["en", "pl"]) {
    const days = new Set<string>();
    let count = 0;
    for (let at = Date.UTC(1900, 0, 1); at < Date.UTC(2100, 0, 1); at += 86_400_000, count++) {
      days.add(said(speakDate(new Date(at), { language, timeZone: "UTC" })));
      if (count > 1500) at += 28 * 86_400_000;
    }
    assert.equal(days.size, count);
    const times = new Set<string>();
    for (let minute = 0; minute < 1440; minute++) {
      times.add(said(speakTime({ hour: Math.floor(minute / 60), minute: minute % 60 }, { language })));
    }
    assert.equal(times.size, 1440);
  }
});

test("months are called as the platform calls them after a day", () => {
  for (const language of ["en", "pl"]) {
    const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: "UTC" });
    for (let month = 1; month <= 12; month++) {
      const parts = format.formatToParts(new Date(Date.UTC(2001, month - 1, 5)));
      const name = parts.find(({ type }) => type === "month")?.value ?? "";
      assert.ok(
        said(speakDate({ month, day: 5 }, { language }))
          .split(" ")
          .includes(name),
        name,
      );
    }
  }
});

test("a Date is spoken in the time zone that is given", () => {
  const date = new Date("2026-03-31T23:05:00Z");
  assert.equal(said(speakTime(date, { timeZone: "Europe/Warsaw" })), "one oh five a.m.");
  assert.equal(said(speakDate(date, { timeZone: "Europe/Warsaw" })), "April first twenty twenty six");
  assert.equal(
    said(speakDate(date, { timeZone: "America/New_York" })),
    "March thirty first twenty twenty six",
  );
});

test("days, times, durations and zones that there are not are refused", () => {
  const bad = { code: "bad-argument" };
  for (const date of [
    { year: 2026, month: 2, day: 29 },
    { year: 2026, month: 0, day: 1 },
    { year: 0, month: 1, day: 1 },
    { year: 10_000, month: 1, day: 1 },
    { year: 2026, month: 1.5, day: 1 },
    { month: 4, day: 31 },
    new Date(Number.NaN),
  ]) {
    assert.throws(() => speakDate(date), bad);
  }
  assert.throws(() => speakDate({ year: 1899, month: 1, day: 1 }, { language: "pl" }), bad);
  assert.throws(() => speakTime({ hour: 24, minute: 0 }), bad);
  assert.throws(() => speakTime({ hour: 1, minute: -1 }), bad);
  assert.throws(() => speakTime(new Date(0), { timeZone: "No/Where" }), bad);
  assert.throws(() => speakDuration(-1), bad);
  assert.throws(() => speakDuration(Number.NaN), bad);
});

test("a telephone number is spelt digit by digit", () => {
  assert.equal(
    said(speakDigits("+48 (22) 12-3*#", { language: "pl" })),
    "plus cztery osiem dwa dwa jeden dwa trzy gwiazdka krzyżyk",
  );
  assert.deepEqual(speakDigits(""), []);
  assert.throws(() => speakDigits("12a"), { code: "bad-argument" });
});

test("a language of one's own speaks its own prompts; one that nobody knows is refused", () => {
  const roman: Language = {
    tag: "la",
    number: ({ whole }) => [`numerals/${whole}`],
    time: () => [],
    duration: () => [],
    date: () => undefined,
    money: () => undefined,
  };
  assert.deepEqual(speakNumber(4, { language: roman }), ["la:numerals/4"]);
  assert.throws(() => speakDate({ month: 1, day: 1 }, { language: roman }), { code: "bad-argument" });
  assert.throws(() => speakNumber(4, { language: "la" }), { code: "bad-argument" });
});

test("spoken names resolve in their own language, whatever the player's is", async () => {
  const shipped = createPrompts({ language: "en" });
  for (const name of speakMoney("-1022.05", "PLN", { language: "pl" })) {
    const found = await shipped.resolve(name);
    assert.equal(found.kind === "found" && found.language, "pl", name);
  }
});
