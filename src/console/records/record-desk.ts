import type { EngineFacts, Requests, Told, Topic } from "../protocol.ts";

/** What a page may ask about what happened. */
export type RecordRequest = Exclude<keyof Requests, `phone.${string}` | "hello" | "follow">;

/** Requests that change something: a page that may look only is refused them. */
export const writingRequests: ReadonlySet<keyof Requests> = new Set<keyof Requests>([
  "sound.keep",
  "messages.clear",
  "message.send",
  "route.try",
]);

/** One page's view of what happens. */
export interface RecordViewer {
  /** What `follow` asks: topics but `phone`. What they hold as yet is told at once. */
  follow(topics: readonly Topic[]): void;
  close(): void;
}

/** What happened and happens: gathers records of the engine and the apps, keeps the latest, and tells pages. */
export interface RecordDesk {
  readonly facts: EngineFacts;
  /**
   * A viewer for one page; `tell` is called at most 20 times a second a topic, with batches.
   * @param lineOf the line of the page's own phone that a call is on
   * @param congested whether the page has not taken yet what it was told: what can wait, waits
   */
  view(options: {
    readonly tell: (told: Told) => void;
    readonly lineOf: (channels: readonly string[]) => number | undefined;
    readonly congested: () => boolean;
  }): RecordViewer;
  /** Rejects with a YaytsError that says what is wrong. */
  ask<D extends RecordRequest>(request: D, params: Requests[D]["params"]): Promise<Requests[D]["result"]>;
  /** Numbers that apps take, as far as it is known, for the phone's suggestions. */
  readonly targets: readonly string[];
  close(): Promise<void>;
}
