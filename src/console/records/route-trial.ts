import { type Clock, YaytsError } from "../../base/index.ts";
import type { DispatchedMessage, Yate } from "../../bus/index.ts";
import { type MessageRecord, type Pairs, paramOf, type SourcedRecord } from "../../trace/index.ts";
import type { RouteResult } from "../protocol.ts";
import { ownParam, trialMark } from "./own-messages.ts";
import { recordOfWatched } from "./watched-record.ts";

/** No driver has this prefix: nobody can take the id for a channel of a call. */
const channelPrefix = "yayts-route";
const answerMs = 15_000;
/** What the engine tells of a message comes in its next batch. */
const recordMs = 400;

/** Finds out who would take a call, as the engine's router does it (spec/calls.md §3), and executes nothing. */
export class RouteTrial {
  readonly #yate: Yate;
  readonly #clock: Clock;
  readonly #own: () => string;
  readonly #tells: () => boolean;
  readonly #waiting = new Map<string, (record: MessageRecord) => void>();
  #tried = 0;

  constructor(options: {
    readonly yate: Yate;
    readonly clock: Clock;
    readonly own: () => string;
    /** Whether the engine tells who was asked. */
    readonly tells: () => boolean;
  }) {
    this.#yate = options.yate;
    this.#clock = options.clock;
    this.#own = options.own;
    this.#tells = options.tells;
  }

  /** A record of one of this console's own messages. */
  note({ record }: SourcedRecord): void {
    if (record.kind !== "message") return;
    const mark = paramOf(record, ownParam);
    if (mark !== undefined) this.#waiting.get(`${mark} ${record.name}`)?.(record);
  }

  async try(called: string, caller: string | undefined, more: Pairs): Promise<RouteResult> {
    if (called === "") throw new YaytsError("bad-argument", "called is empty: which number?");
    const trial = trialMark(this.#own(), ++this.#tried);
    const id = `${channelPrefix}/${trial.replace("/", "-")}`;
    const given: [string, string][] = [
      ["id", id],
      ["module", channelPrefix],
      ["status", "incoming"],
      ["direction", "incoming"],
      ["answered", "false"],
      ["caller", caller ?? ""],
      ["called", called],
      // It shall leave no call record.
      ["cdrtrack", "false"],
      ["cdrwrite", "false"],
    ];
    const names = new Set(given.map(([name]) => name));
    for (const [name, value] of more) if (!names.has(name) && name !== ownParam) given.push([name, value]);
    given.push([ownParam, trial]);

    const messages: MessageRecord[] = [];
    const preroute = await this.#dispatch("call.preroute", given, trial, messages);
    if (preroute.handled && isRefusal(preroute.retvalue)) return refused(preroute, "unknown", messages);
    // What prerouting has set goes on; who handled it does not.
    const params = [...preroute.params].filter(([name]) => name !== "handlers");
    const route = await this.#dispatch("call.route", params, trial, messages);
    const target = route.retvalue.trim();
    if (!route.handled || target === "")
      return { ...refused(route, "noroute", messages), target: "", handled: false };
    if (isRefusal(target)) return refused(route, "unknown", messages);
    return { target, handled: true, refusal: "", messages };
  }

  async #dispatch(
    name: string,
    params: readonly (readonly [string, string])[],
    trial: string,
    messages: MessageRecord[],
  ): Promise<DispatchedMessage> {
    const atMs = this.#clock.now();
    const told = this.#tells() ? this.#expect(name, trial) : undefined;
    try {
      const message = await this.#yate.msg(name, params).dispatch({ timeoutMs: answerMs });
      const tookMs = this.#clock.now() - atMs;
      const record = await told?.within(recordMs);
      messages.push(record ?? { ...recordOfWatched(message, messages.length, atMs), tookMs });
      return message;
    } finally {
      told?.cancel();
    }
  }

  /** The engine's own record of a message that is about to be sent. */
  #expect(
    name: string,
    trial: string,
  ): { readonly within: (ms: number) => Promise<MessageRecord | undefined>; readonly cancel: () => void } {
    const key = `${trial} ${name}`;
    const { promise, resolve } = Promise.withResolvers<MessageRecord | undefined>();
    this.#waiting.set(key, resolve);
    return {
      within: (ms) => {
        const timer = this.#clock.after(ms, () => resolve(undefined), { background: true });
        return promise.finally(() => timer.cancel());
      },
      cancel: () => void this.#waiting.delete(key),
    };
  }
}

function isRefusal(retvalue: string): boolean {
  return retvalue === "-" || retvalue === "error";
}

function refused(message: DispatchedMessage, error: string, messages: readonly MessageRecord[]): RouteResult {
  const parts = [message.get("error") || error, message.get("reason") ?? ""].filter(Boolean);
  return { target: message.retvalue, handled: message.handled, refusal: parts.join(", "), messages };
}
