import { Params, type ParamsInit, type ParamValue } from "../bus/index.ts";
import { parseBoolean, parseInteger } from "../wire/index.ts";
import type { DispatchTrace } from "./kernel-trace.ts";

/** What a message is made with. */
export interface EngineMessageInit {
  readonly params?: ParamsInit | undefined;
  readonly retvalue?: string | undefined;
  /** Creation time, milliseconds since the epoch. */
  readonly timeMs: number;
  /** Called for every handler, whatever they return. Default false. */
  readonly broadcast?: boolean | undefined;
  /** The object the message is about, usually a call endpoint; apps never see it. */
  readonly userData?: object | undefined;
  /** The app connection that sent it, for reentrance and self-watching. */
  readonly sender?: object | undefined;
}

/** A message inside the engine (spec/kernel.md §1). Handlers change it in place. */
export class EngineMessage {
  name: string;
  retvalue: string;
  params: Params;
  timeMs: number;
  readonly broadcast: boolean;
  userData: object | undefined;
  readonly sender: object | undefined;
  /** Told when the dispatch is over, before the watchers are. */
  dispatched: ((handled: boolean) => void) | undefined;
  /** Is told how its dispatch goes, while it is dispatched and somebody wants to know. */
  trace: DispatchTrace | undefined;

  constructor(name: string, init: EngineMessageInit) {
    this.name = name;
    this.retvalue = init.retvalue ?? "";
    this.params = Params.from(init.params);
    this.timeMs = init.timeMs;
    this.broadcast = init.broadcast ?? false;
    this.userData = init.userData;
    this.sender = init.sender;
    this.dispatched = undefined;
    this.trace = undefined;
  }

  get(name: string): string | undefined {
    return this.params.get(name);
  }

  set(name: string, value: ParamValue): this {
    this.params.set(name, value);
    return this;
  }

  delete(name: string): void {
    this.params.delete(name);
  }

  /** Whole seconds since the epoch, as on the wire. */
  get timeSec(): number {
    return Math.floor(this.timeMs / 1000);
  }

  /** The parameter as a boolean (spec/kernel.md §1); `fallback` for anything that is not one. */
  flag(name: string, fallback: boolean): boolean {
    return toBoolean(this.params.get(name)) ?? fallback;
  }

  /** The parameter as a whole number, written as in C; `fallback` for anything that is not one. */
  integer(name: string, fallback: number): number {
    return toInteger(this.params.get(name)) ?? fallback;
  }
}

/** The engine's words for true and false; anything else is undefined (spec/kernel.md §1). */
export function toBoolean(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : parseBoolean(text);
}

/** A whole number as C writes it: decimal, 0x hexadecimal, leading-zero octal; undefined for anything else. */
export function toInteger(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseInteger(text);
}
