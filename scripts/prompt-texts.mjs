// table of data: what each prompt under sounds/ says. make-prompts.mjs speaks it, tests read it.
export const languages = ["en", "pl"];

/** Rows `<name> <text>` as an object; names have no space in them. */
function rows(text) {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s*\n\s*/)
      .map((row) => [row.slice(0, row.indexOf(" ")), row.slice(row.indexOf(" ") + 1)]),
  );
}

/** Words in their order as `1 …`, `2 …`. */
function counted(words, suffix = "") {
  return Object.fromEntries(words.split(" ").map((word, i) => [`${i + 1}${suffix}`, word]));
}

/** Words for 20, 30 … 90. */
function tens(words, suffix = "") {
  return Object.fromEntries(words.split(" ").map((word, i) => [`${20 + 10 * i}${suffix}`, word]));
}

/** The folders of English: `sounds/<folder>/en/<name>.gsm`. */
const en = {
  digits: rows(`
    0 zero
    1 one
    2 two
    3 three
    4 four
    5 five
    6 six
    7 seven
    8 eight
    9 nine
    star star
    pound pound
    plus plus`),
  // What has a word of its own from 10 up; the rest is composed: 42 = 40, 2; 300 = 3, hundred.
  numbers: rows(`
    10 ten
    11 eleven
    12 twelve
    13 thirteen
    14 fourteen
    15 fifteen
    16 sixteen
    17 seventeen
    18 eighteen
    19 nineteen
    20 twenty
    30 thirty
    40 forty
    50 fifty
    60 sixty
    70 seventy
    80 eighty
    90 ninety
    hundred hundred
    thousand thousand
    million million
    billion billion
    minus minus
    point point
    and and
    oh oh`),
  ordinals: {
    ...counted(
      "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
    ),
    30: "thirtieth",
  },
  months: counted("January February March April May June July August September October November December"),
  units: rows(`
    day day
    day-many days
    hour hour
    hour-many hours
    minute minute
    minute-many minutes
    second-many seconds
    am a.m.
    pm p.m.`),
  money: rows(`
    usd dollar
    usd-many dollars
    cent cent
    cent-many cents
    eur euro
    eur-many euros
    gbp-many pounds
    penny penny
    penny-many pence`),
  queue: rows(`
    position Your position in line is`),
  voicemail: rows(`
    leave-message Please leave a message after the tone.
    sorry Sorry, your message could not be kept.
    full The mailbox is full.
    enter-pin Please enter your PIN.
    new New messages:
    saved Saved messages:
    main For your messages press 1, for your greeting press 2.
    message Message
    from from
    choices 1 repeats, 2 saves, 3 deletes, 4 tells who called, 5 goes on.
    no-more No more messages.
    message-saved Saved.
    deleted Deleted.
    record-greeting Record your greeting after the tone.
    greeting-choices 1 keeps it, 2 records again, 3 goes back to the standard greeting.`),
};

/** The folders of Polish. Three forms after a number: one, `-few` (2 to 4, 22 to 24 …), `-many` (the rest). */
const pl = {
  digits: rows(`
    0 zero
    1 jeden
    2 dwa
    3 trzy
    4 cztery
    5 pięć
    6 sześć
    7 siedem
    8 osiem
    9 dziewięć
    star gwiazdka
    pound krzyżyk
    plus plus`),
  // Hundreds are words of their own.
  numbers: rows(`
    10 dziesięć
    11 jedenaście
    12 dwanaście
    13 trzynaście
    14 czternaście
    15 piętnaście
    16 szesnaście
    17 siedemnaście
    18 osiemnaście
    19 dziewiętnaście
    20 dwadzieścia
    30 trzydzieści
    40 czterdzieści
    50 pięćdziesiąt
    60 sześćdziesiąt
    70 siedemdziesiąt
    80 osiemdziesiąt
    90 dziewięćdziesiąt
    hundred sto
    200 dwieście
    300 trzysta
    400 czterysta
    500 pięćset
    600 sześćset
    700 siedemset
    800 osiemset
    900 dziewięćset
    thousand tysiąc
    thousand-few tysiące
    thousand-many tysięcy
    million milion
    million-few miliony
    million-many milionów
    billion miliard
    billion-few miliardy
    billion-many miliardów
    1-feminine jedna
    2-feminine dwie
    1-neuter jedno
    minus minus
    point przecinek`),
  ordinals: {
    // Hours, in the nominative: godzina ósma.
    "0-feminine": "zerowa",
    ...counted(
      "pierwsza druga trzecia czwarta piąta szósta siódma ósma dziewiąta dziesiąta jedenasta dwunasta trzynasta czternasta piętnasta szesnasta siedemnasta osiemnasta dziewiętnasta dwudziesta",
      "-feminine",
    ),
    // Days and years, masculine in the genitive: piątego lipca dwa tysiące dwudziestego szóstego roku.
    ...counted(
      "pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego dziesiątego jedenastego dwunastego trzynastego czternastego piętnastego szesnastego siedemnastego osiemnastego dziewiętnastego",
      "-genitive",
    ),
    ...tens(
      "dwudziestego trzydziestego czterdziestego pięćdziesiątego sześćdziesiątego siedemdziesiątego osiemdziesiątego dziewięćdziesiątego",
      "-genitive",
    ),
    "900-genitive": "dziewięćsetnego",
    "2000-genitive": "dwutysięcznego",
  },
  // In the genitive, as after the day.
  months: {
    ...counted(
      "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    ),
    year: "roku",
  },
  units: rows(`
    day dzień
    day-many dni
    hour godzina
    hour-few godziny
    hour-many godzin
    minute minuta
    minute-few minuty
    minute-many minut
    second sekunda
    second-few sekundy
    second-many sekund`),
  money: rows(`
    pln złoty
    pln-few złote
    pln-many złotych
    grosz grosz
    grosz-few grosze
    grosz-many groszy
    eur euro
    cent cent
    cent-few centy
    cent-many centów`),
  queue: rows(`
    position Twoja pozycja w kolejce:`),
  voicemail: rows(`
    leave-message Proszę zostawić wiadomość po sygnale.
    sorry Przepraszamy, nie udało się zapisać wiadomości.
    full Skrzynka jest pełna.
    enter-pin Proszę wprowadzić PIN.
    new Nowe wiadomości:
    saved Zachowane wiadomości:
    main Wiadomości: jeden. Powitanie: dwa.
    message Wiadomość
    from od
    choices Powtórz: jeden. Zachowaj: dwa. Usuń: trzy. Kto dzwonił: cztery. Dalej: pięć.
    no-more Nie ma więcej wiadomości.
    message-saved Zachowano.
    deleted Usunięto.
    record-greeting Proszę nagrać powitanie po sygnale.
    greeting-choices Zachowaj: jeden. Nagraj ponownie: dwa. Powitanie standardowe: trzy.`),
};

const phrases = {
  welcome: { en: "Welcome.", pl: "Witamy." },
  "press-a-key": { en: "Please press a key.", pl: "Proszę nacisnąć klawisz." },
  "you-pressed": { en: "You pressed", pl: "Naciśnięto" },
  invalid: { en: "That is not a valid choice.", pl: "Nieprawidłowy wybór." },
  "try-again": { en: "Please try again.", pl: "Proszę spróbować ponownie." },
  transfer: { en: "Transferring your call.", pl: "Przekazuję rozmowę." },
  "hold-please": { en: "Please hold.", pl: "Proszę czekać." },
  unavailable: { en: "The person you called is not available.", pl: "Abonent jest niedostępny." },
  busy: { en: "The line is busy.", pl: "Numer jest zajęty." },
  "thank-you": { en: "Thank you.", pl: "Dziękujemy." },
  goodbye: { en: "Goodbye.", pl: "Do widzenia." },
};

/** Every prompt: its file is `sounds/<id>.gsm`; without a language it is a sound, not speech. */
export const prompts = [
  ...languages.flatMap((language) => [
    ...Object.entries({ en, pl }[language]).flatMap(([folder, texts]) =>
      Object.entries(texts).map(([name, text]) => ({ id: `${folder}/${language}/${name}`, language, text })),
    ),
    ...Object.entries(phrases).map(([name, text]) => ({
      id: `${language}/${name}`,
      language,
      text: text[language],
    })),
  ]),
  { id: "beep", language: "", text: "250 ms of 1000 Hz" },
];
