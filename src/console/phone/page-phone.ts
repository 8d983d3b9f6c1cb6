import { errorText, type Timer, YaytsError } from "../../base/index.ts";
import { type Call, checkConditions } from "../../call/index.ts";
import { fairWeather, type PhoneView, type Requests, type SoundFrame, type Weather } from "../protocol.ts";
import { type LineHost, PhoneLine } from "./line.ts";
import type { Phone, PhoneRequest } from "./phone.ts";
import { readVoiceFile } from "./voice-file.ts";

const mostLines = 8;
/** How often the figures of the sound are told. */
const figuresMs = 1000;

/** What a phone needs of its desk. */
export interface PageHost extends Omit<LineHost, "changed" | "hear"> {
  /** Gives the phone another number. Returns what a person should know of it. Throws `bad-argument` when another page has it. */
  renumber(phone: PagePhone, number: string): string | undefined;
  cut(what: string, forMs: number): Promise<void>;
}

type Answers = {
  readonly [D in PhoneRequest]: (params: Requests[D]["params"]) => Promise<Requests[D]["result"]>;
};

function checkWeather(weather: Weather): void {
  checkConditions(weather);
  if (!["none", "in", "out"].includes(weather.mute))
    throw new YaytsError("bad-argument", `mute takes none, in or out, not ${weather.mute}`);
  if (!["message", "rfc4733", "inband"].includes(weather.keys))
    throw new YaytsError("bad-argument", `keys travel as message, rfc4733 or inband, not ${weather.keys}`);
}

/** The phone of one page. See {@link Phone}. */
export class PagePhone implements Phone {
  number: string;
  readonly #host: PageHost;
  readonly #lines: Map<number, PhoneLine> = new Map();
  readonly #onChange: Set<(view: PhoneView) => void> = new Set();
  readonly #onSound: Set<(frame: SoundFrame) => void> = new Set();
  readonly #answers: Answers = this.#makeAnswers();
  #selected: number | undefined;
  #weather: Weather = fairWeather;
  #telling = false;
  #figures: Timer | undefined;

  constructor(host: PageHost, number: string) {
    this.#host = host;
    this.number = number;
  }

  get view(): PhoneView {
    const lines = [...this.#lines.values()].sort((one, other) => one.number - other.number);
    return { number: this.number, lines: lines.map(({ view }) => view), selected: this.#selected };
  }

  /** Those of calls that are over too, until another call takes them. */
  get lines(): readonly PhoneLine[] {
    return [...this.#lines.values()];
  }

  /** Lines that are not over. */
  get living(): readonly PhoneLine[] {
    return this.lines.filter(({ over }) => !over);
  }

  onChange(fn: (view: PhoneView) => void): () => void {
    this.#onChange.add(fn);
    return () => void this.#onChange.delete(fn);
  }

  onSound(fn: (frame: SoundFrame) => void): () => void {
    this.#onSound.add(fn);
    return () => void this.#onSound.delete(fn);
  }

  hear(frame: SoundFrame): void {
    if (frame.line === this.#selected) this.#lines.get(frame.line)?.take(frame);
  }

  async ask<D extends PhoneRequest>(
    request: D,
    params: Requests[D]["params"],
  ): Promise<Requests[D]["result"]> {
    const answer = Object.hasOwn(this.#answers, request) ? this.#answers[request] : undefined;
    if (!answer) throw new YaytsError("bad-argument", `a phone does not know ${request}`);
    return await answer(params);
  }

  /** Rings for a call that came in; resolves when it is over. */
  async ring(call: Call): Promise<void> {
    const line = this.#open("incoming", call.from, call.fromName);
    if (line) await line.ring(call);
    else await call.reject("busy");
  }

  /** Hangs up all lines. */
  async hangUp(): Promise<void> {
    await Promise.all(this.living.map((line) => line.hangup()));
  }

  /** The view has changed: told once for all that happens in a turn. */
  changed(): void {
    const selected = this.#selected === undefined ? undefined : this.#lines.get(this.#selected);
    if (selected?.over) this.#selected = undefined;
    this.#keepFigures();
    if (this.#telling) return;
    this.#telling = true;
    this.#host.clock.turn(() => {
      this.#telling = false;
      this.#tell(this.#onChange, this.view);
    });
  }

  /** A line for a call: the first that has none. Undefined when all have. */
  #open(direction: "incoming" | "outgoing", other: string, otherName: string): PhoneLine | undefined {
    for (let number = 1; number <= mostLines; number++) {
      if (this.#lines.get(number)?.over === false) continue;
      const host: LineHost = {
        ...this.#host,
        changed: () => this.changed(),
        hear: (line, frame) => {
          if (line.number === this.#selected && !line.held) this.#tell(this.#onSound, frame);
        },
      };
      const about = { line: number, direction, other, otherName, weather: this.#weather };
      const line = new PhoneLine(host, about);
      this.#lines.set(number, line);
      this.changed();
      return line;
    }
    return undefined;
  }

  #line(number: number): PhoneLine {
    const line = this.#lines.get(number);
    if (!line || line.over) throw new YaytsError("call-gone", `line ${number} has no call`);
    return line;
  }

  /** From now on this line is the one that is heard; the one before it waits. */
  async #select(number: number): Promise<void> {
    const before = this.#selected;
    if (before === number) return;
    this.#selected = number;
    this.changed();
    const other = before === undefined ? undefined : this.#lines.get(before);
    if (other && !other.over) await this.#settle(other.hold(true), other);
  }

  /** What a line that is left cannot do is no failure of what the page asked for. */
  async #settle(work: Promise<void>, line: PhoneLine): Promise<void> {
    await work.catch((error: unknown) =>
      this.#host.log.info(`line ${line.number} could not be held: ${errorText(error)}`),
    );
  }

  #makeAnswers(): Answers {
    return {
      "phone.number": async ({ number }) => {
        const note = this.#host.renumber(this, number);
        this.changed();
        return note === undefined ? this.view : { ...this.view, note };
      },
      "phone.dial": async ({ to, as, rateHz }) => {
        const target = typeof to === "string" ? to.trim() : "";
        if (!target) throw new YaytsError("bad-argument", "there is no number to call");
        const line = this.#open("outgoing", target, "");
        if (!line) throw new YaytsError("overflow", `all ${mostLines} lines have calls: hang one up first`);
        const selecting = this.#select(line.number);
        line.dial(as || this.number, rateHz);
        await selecting;
        return { line: line.number };
      },
      "phone.answer": async ({ line: number, rateHz }) => {
        const line = this.#line(number);
        const selecting = this.#select(number);
        await line.answer(rateHz);
        await selecting;
        return null;
      },
      "phone.hangup": async ({ line, reason }) => {
        await this.#line(line).hangup(reason);
        return null;
      },
      "phone.select": async ({ line: number }) => {
        const line = this.#line(number);
        await this.#select(number);
        await line.hold(false);
        return null;
      },
      "phone.hold": async ({ line, on }) => {
        await this.#line(line).hold(on);
        return null;
      },
      "phone.key": async ({ line, key, ms }) => {
        await this.#line(line).press(String(key), ms);
        return null;
      },
      "phone.transfer": async ({ line: number, to }) => {
        const line = this.#line(number);
        const outcome =
          typeof to === "number" ? await line.transferTo(this.#line(to)) : await line.transfer(to.trim());
        return { outcome };
      },
      "phone.weather": async ({ line, weather }) => {
        checkWeather(weather);
        if (line !== undefined) this.#line(line).weather = weather;
        else {
          for (const each of this.living) each.weather = weather;
          this.#weather = weather;
        }
        return null;
      },
      "phone.say": async ({ line, name, sound }) => {
        const samples = await readVoiceFile(name, sound);
        this.#line(line).say(samples);
        return { ms: Math.round(samples.length / 8) };
      },
      "phone.cut": async ({ what, ms }) => {
        await this.#host.cut(what, ms);
        return null;
      },
    };
  }

  /** Figures are told while there is a call and somebody who looks. */
  #keepFigures(): void {
    const wanted = this.living.length > 0;
    if (!wanted) {
      this.#figures?.cancel();
      this.#figures = undefined;
    } else
      this.#figures ??= this.#host.clock.after(figuresMs, () => {
        this.#figures = undefined;
        this.changed();
      });
  }

  #tell<T>(listeners: ReadonlySet<(told: T) => void>, told: T): void {
    for (const fn of [...listeners]) {
      try {
        fn(told);
      } catch (error) {
        this.#host.log.error(`a listener to ${this.number} failed: ${errorText(error)}`, { error });
      }
    }
  }
}
