import type { Yate } from "./yate.ts";

/** What an app can have open on its bus. */
export type ObservedKind = "onmsg" | "onwatch" | "messages" | "watches" | "handle" | "dispatch";

/** How something ended: `message`, `handled`, `not handled`, `ended` of a loop or handler, or an error. */
export type ObservedEnd = "message" | "handled" | "not handled" | "ended" | Error;

/** A wait, loop, handler or dispatch that has begun. */
export interface ObservedWait {
  readonly what: ObservedKind;
  /** The message's name. */
  readonly name: string;
  /** Of a wait or loop: parameters by name, or a function; of a handler its filter. */
  readonly guard: unknown;
  /** Itself, by which its end is told. */
  readonly key: object;
}

/**
 * Something that the app does on a call and that takes its time; who offers such things (the call kit) keeps those that are open
 * in {@link Observing.operations}.
 */
export interface Operation {
  /** What it is: `play`, `gather`, …; `call` for the whole program of a call. */
  readonly what: string;
  /** The party's channel, and our leg beside it, as they are now. */
  readonly channel: string;
  readonly leg: string;
  /** With what, in short. */
  readonly detail: string;
  /** By the wall clock. */
  readonly beganMs: number;
  /** Made where the app asked for it, if that was kept: an object with a captured stack. */
  readonly origin: object | undefined;
  /** Within which it was begun. */
  readonly within: Operation | undefined;
}

/** Told what an app waits for as it begins and ends, on the app's own stack. It must not throw. */
export interface BusObserver {
  began(wait: ObservedWait): void;
  /** Also told of what ended without having begun: it was settled from the beginning. */
  ended(key: object, how: ObservedEnd): void;
  operationBegan(operation: Operation): void;
  operationEnded(operation: Operation, outcome: string, result: string): void;
  /** A handler or a call's program threw. */
  threw(error: unknown, channel: string): void;
}

/** The place where a bus, and what is built on it, can be observed. */
export interface Observing {
  /** Who is told; undefined for nobody, which costs one look a wait. */
  observer: BusObserver | undefined;
  /** All that is open, the oldest of each kind first. */
  open(): ObservedWait[];
  /** Operations that are open, the oldest first. */
  readonly operations: Set<Operation>;
  /** The operation that the running line belongs to; undefined while nobody offers operations. */
  running: (() => Operation | undefined) | undefined;
}

/** Where an engine's connection keeps its {@link Observing}; views of it, and what is made of it by inheritance, have the same. */
const observing: unique symbol = Symbol("yayts observing");

interface Observable {
  readonly [observing]: Observing;
}

/** Where the bus of `yate` can be observed; undefined for one that is none of a bus. */
export function observingOf(yate: Yate): Observing | undefined {
  return observing in yate ? (yate as Yate & Observable)[observing] : undefined;
}

/** Gives `yate` its place to be observed; an undefined one changes nothing. */
export function makeObservable(yate: Yate, place: Observing | undefined): void {
  if (place) Object.defineProperty(yate, observing, { value: place });
}

/** A place that nobody looks at yet. */
export function createObserving(open: () => ObservedWait[]): Observing {
  return { observer: undefined, open, operations: new Set(), running: undefined };
}
