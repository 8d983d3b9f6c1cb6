import type { PhoneView, Requests, SoundFrame } from "../protocol.ts";
import type { Ear } from "./ear.ts";

/** What a page may ask of its phone. */
export type PhoneRequest = Extract<keyof Requests, `phone.${string}`>;

/** The phone of one page. It lives on for a while when the page is gone, and its calls with it. */
export interface Phone {
  readonly view: PhoneView;
  /** Calls `fn` when the view has changed. Returns the way to stop that. */
  onChange(fn: (view: PhoneView) => void): () => void;
  /** Calls `fn` with what the selected line says, 20 ms at a time. Returns the way to stop that. */
  onSound(fn: (frame: SoundFrame) => void): () => void;
  /** What the page's microphone says. */
  hear(frame: SoundFrame): void;
  /** Rejects with a YaytsError that says what is wrong. */
  ask<D extends PhoneRequest>(request: D, params: Requests[D]["params"]): Promise<Requests[D]["result"]>;
}

/** All phones of a console. */
export interface PhoneDesk {
  /** The phone of a page's session, made the first time. */
  of(session: string): Phone;
  /** Tells whether a page of that session is there. One that was away for `graceMs` has its calls hung up. */
  present(session: string, here: boolean): void;
  /** Lines by channel, for the list of calls. */
  lineOf(session: string, channels: readonly string[]): number | undefined;
  /** Gives an ear to the line on that channel. Returns the way to take it away; undefined when no phone is on that channel. */
  listen?(channel: string, ear: Ear): (() => void) | undefined;
  close(): Promise<void>;
}
