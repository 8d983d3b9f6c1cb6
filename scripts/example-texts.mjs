// table of data: what each prompt under examples/sounds/ says, in a folder for each example: `<example>/<language>/<name>.gsm`.
// `node scripts/make-prompts.mjs examples` speaks it.

const en = {
  clock: {
    choose: "For English, press 1.",
  },
  guess: {
    welcome: "I have thought of a number from 1 to 100. Find it in",
    "your-guess": "What is your guess?",
    "not-in-range": "A number from 1 to 100, please.",
    "too-low": "That is too low.",
    "too-high": "That is too high.",
    correct: "Correct! Number of tries:",
    "time-is-up": "Time is up! My number was",
  },
  survey: {
    welcome: "Three short questions about our service.",
    rating: "How was it? 1 is bad, 5 is excellent.",
    again: "Would you call us again? 1 is yes, 2 is no.",
    comment: "Tell us why, after the tone. Press pound when you are done.",
  },
  menu: {
    main: "1 for opening hours, 2 for numbers, 0 for a person, pound for help.",
    help: "You may press a key at any time. 9 repeats the choices.",
    "open-from": "We are open every day from",
    until: "until",
    numbers: "1 for the number that you call from, 2 for the number of calls. Star goes back.",
    "you-call-from": "You call from",
    "calls-so-far": "Calls until now:",
  },
  reminders: {
    hello: "This is a reminder of your appointment on",
    choices: "Press 1 to confirm it, 2 to cancel it, or 3 to be called later.",
    confirmed: "Your appointment is confirmed.",
    "called-off": "Your appointment is cancelled.",
    later: "We will call again.",
  },
  "echo-test": {
    welcome: "Echo test. A short sound goes to your side.",
    "came-back": "It came back after, in milliseconds,",
    "not-back": "It did not come back.",
    "our-delay": "Our own delay in milliseconds:",
    speak: "Speak, and hear yourself. 1 measures again.",
  },
  meeting: {
    "room-number": "Please enter the number of the room, then pound.",
    "say-your-name": "Say your name after the tone, then press pound.",
    somebody: "Somebody",
    "has-joined": "has joined.",
    "has-left": "has left.",
    members: "Number of people in the room:",
    locked: "The room is locked.",
    open: "The room is open.",
    "all-muted": "Only the owner can be heard now.",
    "all-heard": "Everybody can be heard again.",
  },
  helpdesk: {
    "how-it-works": "This is the help desk. You can press pound at any time to leave a message.",
    "logged-in": "You are logged in.",
    "logged-out": "You are logged out.",
  },
  voicemail: {
    "mailbox-number": "Please enter the number of the mailbox, then pound.",
  },
  "small-office": {
    main: "Dial an extension. For sales, press 2. For the front desk, press 0.",
    closed: "We are closed now.",
    parked: "Parked at",
    night: "Night service.",
    day: "Day service.",
  },
};

const pl = {
  clock: {
    choose: "Po polsku, naciśnij dwa.",
  },
};

/** In the order in which they are made; the file is `examples/sounds/<id>.gsm`. */
export const exampleTexts = [{ id: "music", language: "", text: "" }, ...speech()];

function speech() {
  return Object.entries({ en, pl }).flatMap(([language, examples]) =>
    Object.entries(examples).flatMap(([example, texts]) =>
      Object.entries(texts).map(([name, text]) => ({ id: `${example}/${language}/${name}`, language, text })),
    ),
  );
}
