// table of data
/** One option of a command, as the parser, the help texts and docs/cli.md need it. */
export interface OptionSpec {
  readonly name: string;
  /** What stands for its value in help texts; an option without one is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** Shown in help; the command reads it from here as well. */
  readonly default?: string;
  readonly about: string;
}

/** One command. */
export interface CommandSpec {
  readonly name: string;
  /** What comes after the name, as in `<target>`; the number of words is checked against it. */
  readonly words: string;
  readonly minWords: number;
  readonly maxWords: number;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly (readonly [commandLine: string, what: string])[];
  /** What the exit codes mean here, by code. */
  readonly exits: Readonly<Record<number, string>>;
}

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [
  { name: "help", short: "h", about: "Shows the help of the command." },
  { name: "verbose", about: "Shows more: stacks of errors, and what the engine and the connection notice." },
];

const yateOption: OptionSpec = {
  name: "yate",
  value: "ADDRESS",
  default: "tcp://127.0.0.1:5039",
  about:
    "The engine: `tcp://HOST:PORT` or `unix:/PATH` of an external-module listener with the role global. The default is where `yayts dev` listens.",
};

const phoneOption: OptionSpec = {
  name: "phone",
  value: "NUMBER:PASSWORD",
  multiple: true,
  about:
    "A phone that may register by SIP with that user name and password, and is called by its number. Up to ten phones may share one account; all of them ring. On addresses others can reach, a phone without a password or with one that is tried first is refused.",
};

const noOpenOption: OptionSpec = {
  name: "no-open",
  about:
    "Does not open the console in a browser. Without it that is done on a terminal with a screen, unless a page of it is open already; `BROWSER=none` says the same. Another `BROWSER` is the program that opens the link.",
};

const recordsOption: OptionSpec = {
  name: "records",
  value: "FILE",
  about:
    "Appends a record of each call to this file as the call ends, as `yayts records` does: CSV if its name ends in .csv, else JSON lines.",
};

/** All commands, in the order of the help. Help texts, parsing, suggestions and docs/cli.md come from this table. */
export const commands: readonly CommandSpec[] = [
  {
    name: "dev",
    words: "<app.ts>",
    minWords: 1,
    maxWords: 1,
    summary: "Runs an app on the embedded engine and reloads it on change.",
    about: [
      "The engine runs in this process and the app in one of its own, as an external module. A crash, an endless loop or a reload of the app leaves the sound of the calls untouched.",
      "SIP phones on this machine can call the app at once, and register with --phone; how is printed at the start. Phones elsewhere in the network need --host.",
      "When the app's file or a file that it imports is saved, a new copy of the app starts and takes the next calls, and the old one finishes the calls it has (at most 10 minutes). If the new one does not start, the old one stays. After a crash the app comes back on the next save.",
      "The console, a phone and a picture of every call in the browser, is at the link that is printed (see `yayts console`); it is the same the next time the app is run. --no-console leaves it out.",
      "On a terminal, these keys work: `0`–`9`, `*` and `#` go into the call, `c` calls (again), `h` hangs up, `r` reloads, `q` quits.",
    ],
    options: [
      {
        name: "port",
        value: "N",
        default: "5039",
        about: "TCP port for `yayts call`, `yayts trace` and other clients; 0 takes a free one.",
      },
      {
        name: "host",
        value: "ADDRESS",
        default: "127.0.0.1",
        about:
          "Address where phones, and browsers that open the console, reach this machine; 0.0.0.0 is all of it. Clients reach it there only if --port is given too: they may do everything and need no password, so do that in a network you trust only.",
      },
      phoneOption,
      {
        name: "sip-port",
        value: "N",
        about:
          "Port for phones, UDP and TCP; 0 takes a free one. Default: 5060, or a free one when that is taken.",
      },
      { name: "no-sip", about: "No phones: listens for no SIP." },
      {
        name: "qr",
        value: "APP",
        about:
          "Shows a code for each phone to be scanned by: `linphone` (its account by QR code: a URL that serves the account for 15 minutes, over HTTP), `wave` (Grandstream Wave: the code has all in it) or `none`. No format is scanned by all softphones; others are set up by hand with what is printed. Default: linphone on a terminal when --host lets other machines in, else none.",
      },
      {
        name: "console-port",
        value: "N",
        about: "Port of the console; 0 takes a free one. Default: 5040, or the next that is free.",
      },
      { name: "no-console", about: "No console." },
      noOpenOption,
      {
        name: "sample",
        about:
          "Places a call into the app at once. On a terminal you drive it; otherwise it presses the keys, prints what the caller heard (told from the audio) and exits: 0 if that was a digit prompt for each key, in order, else 1. TCP then stays closed unless --port is given, and there is no console.",
      },
      {
        name: "call",
        value: "TARGET",
        default: "ivr",
        about: "The number that is called by --sample and by the key `c`.",
      },
      { name: "press", value: "KEYS", default: "123", about: "The keys that the sample call presses." },
      {
        name: "config",
        value: "FILE|DIR",
        about: "Configuration of the engine, as for `yayts engine`.",
      },
      recordsOption,
      {
        name: "no-reload",
        about: "Runs the app once: no reload on change, and exit 1 when it does not start or crashes.",
      },
    ],
    examples: [
      ["yayts dev app.ts", "run app.ts, call it from another terminal with `yayts call ivr`"],
      ["yayts dev app.ts --sample --press 42", "call it at once and press 4 and 2"],
      ["yayts dev app.ts --port 5139", "when 5039 is taken"],
      ["yayts dev app.ts --phone 100:secret", "a softphone on this machine may register as 100"],
      [
        "yayts dev app.ts --host 0.0.0.0 --phone 100:7hD2kq --phone 200:x9Lm4w",
        "two phones of the network, each with a code to scan",
      ],
    ],
    exits: {
      0: "ended by Ctrl-C or `q`; the sample heard what it should",
      1: "the app or the sample call failed",
    },
  },
  {
    name: "run",
    words: "<app.ts>",
    minWords: 1,
    maxWords: 1,
    summary: "Runs an app on a real YATE.",
    about: [
      "Connects to an external-module listener and runs the app until Ctrl-C. A lost engine is looked for again with growing pauses, and the app's handlers are installed again. The first Ctrl-C lets what is under way end (at most 5 s), the second one ends at once.",
      "With --stdio the engine itself has started yayts (as a script of extmodule.conf): the protocol goes over standard input and output, everything else to standard error.",
    ],
    options: [
      {
        name: "yate",
        value: "ADDRESS",
        about: "The engine: `tcp://HOST:PORT` or `unix:/PATH` of an external-module listener.",
      },
      { name: "stdio", about: "Talk to the engine over standard input and output." },
      recordsOption,
    ],
    examples: [
      ["yayts run app.ts --yate tcp://pbx:5039", "over TCP"],
      ["yayts run app.ts --yate unix:/run/yate.sock", "over a UNIX socket"],
    ],
    exits: {
      0: "ended by Ctrl-C, or by the engine over --stdio",
      1: "the engine could not be reached, or the app crashed",
    },
  },
  {
    name: "call",
    words: "<target>",
    minWords: 1,
    maxWords: 1,
    summary: "Places a call, presses keys, and tells what happened.",
    about: [
      "Calls a number as a simulated phone, presses the keys once the call is answered, and prints what happened as it happens, with the time each step took. What was heard is told from the recorded audio.",
      "A target that begins with `sip:` is called by SIP, from an engine of the command's own unless --yate is given: any phone or server that takes calls without a password.",
    ],
    options: [
      yateOption,
      {
        name: "press",
        value: "KEYS",
        about: "Keys to press after the answer: `0`–`9`, `*`, `#`, `A`–`D`; a `,` is a pause of one second.",
      },
      {
        name: "wait",
        value: "MS",
        about: "Time between two keys. Default: until a prompt has been heard, at most 2 s.",
      },
      {
        name: "record",
        value: "FILE",
        about: "Writes what the caller heard to this file (.wav, .au or .slin).",
      },
      { name: "caller", value: "NUMBER", about: "The number that the call comes from." },
      { name: "timeout", value: "MS", default: "30000", about: "How long the call may ring." },
      {
        name: "stay",
        value: "MS",
        default: "3000",
        about: "How long to stay on the line after the last key, or after the answer without keys.",
      },
      { name: "json", about: "One JSON object a line instead of text." },
    ],
    examples: [
      ["yayts call ivr --press 1,2#", "call ivr, press 1, pause, press 2 and #"],
      ["yayts call 99991001 --record tone.wav", "call a number and keep what was heard"],
      ["yayts call sip:ivr@192.168.1.10 --press 1", "call by SIP"],
    ],
    exits: {
      0: "the call was answered",
      1: "it was not (the reason is printed), or the engine could not be reached",
    },
  },
  {
    name: "trace",
    words: "[NAME…]",
    minWords: 0,
    maxWords: Number.POSITIVE_INFINITY,
    summary: "Shows the engine's messages live.",
    about: [
      "Shows messages after they were dispatched: time, name, whether they were handled, return value and parameters. NAME is a message's name; a `*` in it stands for anything. Without a NAME all are shown but `engine.timer`. Ctrl-C ends it with a count.",
    ],
    options: [
      yateOption,
      {
        name: "call",
        value: "ID",
        about:
          "Only messages of this channel: one whose `id`, `peerid`, `targetid`, `lastpeerid` or `billid` is ID.",
      },
      {
        name: "param",
        value: "NAME=VALUE",
        multiple: true,
        about: "Only messages with this parameter; a `*` in the value stands for anything.",
      },
      { name: "json", about: "One JSON object a line: time, name, handled, retvalue, params." },
    ],
    examples: [
      ["yayts trace 'call.*' chan.hangup", "the calls"],
      ["yayts trace chan.dtmf --json | jq .params.text", "the keys"],
    ],
    exits: { 0: "ended by Ctrl-C", 1: "the engine could not be reached or was lost" },
  },
  {
    name: "records",
    words: "",
    minWords: 0,
    maxWords: 0,
    summary: "Writes a record of each call as it ends.",
    about: [
      "One JSON object a line for each channel of a call: who called whom, when it began, was answered and ended, how long it rang and was talked, how it ended and why, and what apps have added (`addToCallRecord`). The two sides of a call have the same `callId`. A real YATE needs its module cdrbuild.",
      "With --out records are appended to a file, each as soon as its call ends; the file may be moved away meanwhile, as logrotate does. While it cannot be written, records go to standard output.",
    ],
    options: [
      yateOption,
      {
        name: "csv",
        about:
          "CSV with a header (RFC 4180) instead of JSON. A text that a spreadsheet would take for a formula gets an apostrophe before it.",
      },
      {
        name: "field",
        value: "NAME",
        multiple: true,
        about: "A column of the CSV for this field that apps add; `recording` has one anyway.",
      },
      { name: "out", value: "FILE", about: "Appends to this file; a new CSV file begins with the header." },
      { name: "calls", value: "N", about: "Ends after N records. Default: goes on until Ctrl-C." },
    ],
    examples: [
      ["yayts records --yate tcp://pbx:5039 --out calls.jsonl", "keep the records of a YATE"],
      ["yayts records --csv --field agent --out calls.csv", "for a spreadsheet, with a field of the app's"],
      ["yayts records | jq 'select(.outcome != \"answered\")'", "calls that nobody answered"],
    ],
    exits: { 0: "ended by Ctrl-C or --calls", 1: "the engine could not be reached or was lost" },
  },
  {
    name: "console",
    words: "",
    minWords: 0,
    maxWords: 0,
    summary: "Opens the console of any engine: a phone and a picture of every call, in the browser.",
    about: [
      "Serves a page at the link that it prints. The token in the link allows everything that the page can do, calls and messages included: who has the link is you. The link is the same the next time (until it was not used for 30 days), so that a page which was left open comes back; --verbose prints a second one for looking only. Tokens and the certificate lie in `~/.local/state/yayts/console` (`$XDG_STATE_HOME`; `%LOCALAPPDATA%` on Windows).",
      "On an engine of yayts the page tells all: the messages with each handler's changes and times, SIP, RTP, the apps and what they wait for. A real YATE tells what an external module sees: the messages and how they ended, and the engine's status; calls and the phone work there as well.",
      "A lost engine is looked for again with growing pauses. No sound of a call is kept unless the page or --keep-sound asks for it.",
      "The phone's sound goes by RTP between the engine and this machine. An engine on another machine needs to know this one's address: set `YAYTS_AUDIO_HOST` to it.",
    ],
    options: [
      yateOption,
      {
        name: "port",
        value: "N",
        about: "Port of the page; 0 takes a free one. Default: 5040, or the next that is free.",
      },
      {
        name: "host",
        value: "ADDRESS",
        default: "127.0.0.1",
        about:
          "Address where browsers reach this machine; 0.0.0.0 is all of it. Others than this machine come in by https only, with a certificate that this machine has made itself: browsers warn of it, once.",
      },
      noOpenOption,
      {
        name: "keep-sound",
        about: "Keeps the sound of all calls until the console ends, for listening to it later.",
      },
    ],
    examples: [
      ["yayts console", "of the engine at 127.0.0.1:5039"],
      ["yayts console --yate tcp://pbx:5039", "of a real YATE"],
      ["yayts console --host 0.0.0.0", "also for a second phone, by the code that is shown"],
    ],
    exits: {
      0: "ended by Ctrl-C",
      1: "the engine could not be reached, or the port was taken",
    },
  },
  {
    name: "engine",
    words: "",
    minWords: 0,
    maxWords: 0,
    summary: "Runs the embedded engine alone, for clients in any language.",
    about: [
      "Any program that speaks the external-module protocol of YATE can connect. Prints one line when it is ready, with the addresses it listens at. Without any listener option or configured listener it listens at 127.0.0.1:5039 with the role global.",
      "--config takes a folder with YATE's files (`yate.conf`, `extmodule.conf`, `regexroute.conf`, `regfile.conf`, `ysipchan.conf`, …), one of those files, or a single file under another name whose sections are headed `[file:section]`, as in `[regexroute:default]`. Without a regexroute configuration, 99991001 leads to `tone/dial`.",
    ],
    options: [
      {
        name: "global",
        value: "HOST:PORT",
        multiple: true,
        about: "A TCP listener whose connections have the role global; port 0 takes a free one.",
      },
      {
        name: "any",
        value: "HOST:PORT",
        multiple: true,
        about: "A TCP listener without a role: a client says it in its first line.",
      },
      { name: "unix", value: "PATH", multiple: true, about: "A UNIX socket with the role global." },
      {
        name: "sip",
        value: "HOST:PORT",
        about:
          "Listens for phones there, by UDP and TCP; port 0 takes a free one. Default with --phone: 127.0.0.1:5060, or a free port when that is taken; else only where ysipchan.conf says.",
      },
      phoneOption,
      { name: "config", value: "FILE|DIR", about: "Configuration." },
      recordsOption,
      { name: "quiet", about: "Does not print what the engine notices; errors that end it are printed." },
    ],
    examples: [
      ["yayts engine --global 127.0.0.1:5039 --any 127.0.0.1:5040 --unix /tmp/yayts.sock", "three listeners"],
      ["yayts engine --sip 192.168.1.5:5060 --phone 100:7hD2kq", "a phone of the network"],
      ["yayts engine --config ./conf.d", "a number plan in conf.d/regexroute.conf"],
    ],
    exits: { 0: "ended by Ctrl-C or SIGTERM", 1: "an address was taken or the configuration was wrong" },
  },
  {
    name: "help",
    words: "[command]",
    minWords: 0,
    maxWords: 1,
    summary: "Shows the help of a command, or of all.",
    about: [],
    options: [],
    examples: [["yayts help call", "the help of `yayts call`"]],
    exits: { 0: "always" },
  },
];
