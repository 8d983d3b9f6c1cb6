import type { Yate } from "./yate.ts";

/** What an app file exports by default. */
export interface App {
  readonly kind: "yayts-app";
  /**
   * Starts the app on an engine. It may return at once (having made its waits and handlers) or a promise that lives as long
   * as the app; a rejection is a crash of the app and is reported with its source line.
   */
  start(yate: Yate): unknown;
}

/**
 * Declares an app: `export default app((yate) => { … })`. `yayts dev` and `yayts run` start it on an engine.
 */
export function app(start: (yate: Yate) => unknown): App {
  return { kind: "yayts-app", start };
}
