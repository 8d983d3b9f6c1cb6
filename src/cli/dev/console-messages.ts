import type { ErrorReport } from "../errors/error-report.ts";

/** How the console of `yayts dev` is wanted. */
export interface ConsoleWish {
  /** Where it finds the engine. */
  readonly address: string;
  readonly host: string;
  /** The address that others use. */
  readonly shownHost: string;
  /** Undefined: the usual one, or another that is free. */
  readonly port: number | undefined;
  /** What it is for: the link stays the same for that. */
  readonly keptFor: string;
  readonly targets: readonly string[];
  readonly keepSound: boolean;
}

/** What people need of a console that has started. */
export interface ConsoleLinks {
  readonly url: string;
  readonly viewUrl: string;
  readonly secondPhone: string | undefined;
}

/** What the console's thread is told. */
export type ToConsole =
  /** Open it in a browser, unless a page that was left open comes back. */
  | { readonly kind: "browse" }
  /** Tell the pages, and end. */
  | { readonly kind: "close" };

/** What it tells. */
export type FromConsole =
  | { readonly kind: "ready"; readonly links: ConsoleLinks }
  | { readonly kind: "log"; readonly level: "debug" | "info" | "warn" | "error"; readonly text: string }
  | { readonly kind: "failed"; readonly report: ErrorReport };
