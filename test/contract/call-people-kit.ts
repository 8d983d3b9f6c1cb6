/** What the tests of people have in common: an app, callers, phones, and the proof that nothing is left. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type BridgeOver,
  type Call,
  type CallKitOptions,
  type CallOutcome,
  type Failed,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { type CreateEngineOptions, parseConfig } from "yayts/engine";
import {
  type Caller,
  installPhone,
  loadPrompts,
  type Phone,
  type PhoneCall,
  placeCaller,
} from "yayts/testing";
import { coreOf } from "../../src/call/call.ts";
import type { ContractSubject } from "./yate-contract.ts";

/** A caller and what the app has of it. */
export interface Pair {
  readonly call: Call;
  readonly caller: Caller;
}

/** A phone that the app has called, and its call. */
export interface Called {
  readonly call: Call;
  readonly phone: PhoneCall;
}

let made = 0;

export class People {
  readonly subject: ContractSubject;
  readonly app: YateWithCalls;
  readonly callers: Yate;
  readonly #folder: string;
  readonly #programs: Map<string, (call: Call) => void> = new Map();
  readonly #phones: Map<string, Phone> = new Map();
  readonly #prefix = `pair${++made}`;
  #count = 0;
  #kit: { readonly size: number } = new Set();

  private constructor(subject: ContractSubject, app: YateWithCalls, callers: Yate, folder: string) {
    this.subject = subject;
    this.app = app;
    this.callers = callers;
    this.#folder = folder;
    app.onCall(new RegExp(`^${this.#prefix}-\\d+$`), async (call) => {
      this.#programs.get(call.to)?.(call);
      await call.ended;
    });
  }

  static async start(start: () => Promise<ContractSubject>, options: CallKitOptions = {}): Promise<People> {
    const folder = await mkdtemp(join(tmpdir(), "yayts-call-people-"));
    const subject = await start();
    const app = withCalls(await subject.connect(), { cacheFolder: join(folder, "cache"), ...options });
    const people = new People(subject, app, await subject.connect(), folder);
    await app.setlocal("engine.version");
    return people;
  }

  async stop(): Promise<void> {
    this.app.abort();
    this.callers.abort();
    await this.subject.stop();
    await rm(this.#folder, { recursive: true });
  }

  /** A caller whose call was answered; its program waits for the hang-up. */
  async answered(): Promise<Pair> {
    const pair = await this.ringing();
    await pair.call.answer();
    await pair.caller.answered;
    return pair;
  }

  /** A caller whose call rings. */
  async ringing(): Promise<Pair> {
    const number = `${this.#prefix}-${++this.#count}`;
    const came = new Promise<Call>((resolve) => this.#programs.set(number, resolve));
    const caller = await placeCaller(this.callers, number, { caller: `47${this.#count}` });
    const call = await came;
    this.#kit = coreOf(call).kit.calls;
    return { call, caller };
  }

  async phone(number: string): Promise<Phone> {
    const phone = this.#phones.get(number) ?? (await installPhone(this.callers, number));
    this.#phones.set(number, phone);
    return phone;
  }

  /** A phone that the app has called and that has answered. */
  async called(number = "200"): Promise<Called> {
    const phone = await this.phone(number);
    const attempt = this.app.call(number);
    const rung = await phone.ring({ timeoutMs: 5000 });
    rung.answer();
    const outcome: CallOutcome = await attempt;
    assert.equal(outcome.kind, "answered");
    assert.ok(outcome.kind === "answered");
    this.#kit = coreOf(outcome.call).kit.calls;
    return { call: outcome.call, phone: rung };
  }

  /** Hangs up. A dumb channel takes no notice of being dropped while it has no peer, so it is dropped again. */
  async gone(leg: Caller | PhoneCall): Promise<void> {
    let over = false;
    void leg.ended.then(
      () => {
        over = true;
      },
      () => {},
    );
    await Promise.resolve();
    while (!over) {
      await this.callers.msg("call.drop", { id: leg.id, reason: "gone" }).dispatch();
      await Promise.race([leg.ended, delay(30)]);
    }
  }

  /** Nobody is in the app any more, and no channel in the engine. */
  async nothingLeft(): Promise<void> {
    const deadline = Date.now() + 5000;
    let channels = "";
    do {
      const status = await this.callers.msg("engine.status", { module: "dumb" }).dispatch();
      channels = status.retvalue;
      if (this.#kit.size === 0 && /chans=0\b/.test(channels)) return;
      await delay(50);
    } while (Date.now() < deadline);
    await this.callers.msg("call.drop", { reason: "left over" }).dispatch();
    await delay(200);
    assert.fail(`there are ${this.#kit.size} calls and ${channels}`);
  }
}

/** A prompt of the package as any engine on this machine can open it. */
export function prompt(name: string): string {
  return resolve(`sounds/${name}.gsm`);
}

/** Both hear what the other says. */
export async function assertTalking(one: Caller | PhoneCall, other: Caller | PhoneCall): Promise<void> {
  await Promise.all([one.say(prompt("digits/en/5")), other.hears("digits/en/5")]);
  await Promise.all([other.say(prompt("digits/en/7")), one.hears("digits/en/7")]);
}

/** Waits until `call` is bridged. */
export async function untilBridged(
  call: Call,
  other: { hears: unknown; transcript: Caller["transcript"] },
): Promise<void> {
  const deadline = Date.now() + 5000;
  const connected = (): boolean => {
    const last = other.transcript.findLast((event) => event.kind === "connected");
    return last?.kind === "connected" && last.to === call.id;
  };
  while (!connected()) {
    if (Date.now() > deadline) assert.fail(`${call.id} was not bridged`);
    await delay(10);
  }
}

/** The bridge that has ended, as the outcome says. */
export function ended(end: { readonly kind: string }): BridgeOver {
  assert.equal(end.kind, "ended", JSON.stringify(end));
  return end as BridgeOver;
}

/** The code of why it could not be done. */
export function refused(end: { readonly kind: string }): string {
  assert.equal(end.kind, "failed", JSON.stringify(end));
  return (end as Failed).error.code;
}

/** Lines of moh.conf that give an engine the music `moh/one`: a prompt, again and again. */
export async function musicOf(folder: string): Promise<string[]> {
  const one = (await loadPrompts()).find(({ name }) => name === "digits/en/1");
  assert.ok(one);
  const file = join(folder, "one.slin");
  await writeFile(file, new Uint8Array(one.samples.buffer, one.samples.byteOffset, one.samples.byteLength));
  return ["[mohs]", `one=while cat ${file}; do :; done`];
}

/** An embedded engine with that music. */
export async function withMusic(
  start: (options: CreateEngineOptions) => Promise<ContractSubject>,
): Promise<ContractSubject> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-music-"));
  const moh = parseConfig((await musicOf(folder)).join("\n"), "moh");
  const subject = await start({ config: { moh } });
  return {
    ...subject,
    async stop() {
      await subject.stop();
      await rm(folder, { recursive: true });
    },
  };
}
