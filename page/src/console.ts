import { type Signal, signal } from "@preact/signals";
import type { CallView, Hello, PhoneView } from "../../src/console/protocol.ts";
import { Connection } from "./connection.ts";
import { takeSession } from "./session.ts";

/** What every part of the page leans on: the connection, and what the server tells all the time. */
export const hello: Signal<Hello | undefined> = signal(undefined);
export const phone: Signal<PhoneView> = signal({ number: "", lines: [], selected: undefined });
/** Calls by id, live and the latest past. */
export const calls: Signal<ReadonlyMap<string, CallView>> = signal(new Map());
export const notices: Signal<readonly Notice[]> = signal([]);

export interface Notice {
  readonly key: number;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}

/** A token given in the link is kept for this browser, and taken out of the address, which people copy. */
function takeToken(): string {
  const given = /[#&]token=([\w-]+)/.exec(location.hash)?.[1];
  if (given) {
    localStorage.setItem("yayts-token", given);
    const rest = location.hash.replace(/[#&]token=[\w-]+/, "");
    history.replaceState(null, "", rest || location.pathname);
  }
  return given ?? localStorage.getItem("yayts-token") ?? "";
}

const session = takeSession();

export const connection: Connection = new Connection(takeToken(), async () => {
  hello.value = await connection.ask("hello", { session: await session });
  phone.value = hello.value.phone;
  calls.value = new Map();
});

connection.on("phone", (told) => {
  phone.value = told.phone;
});
connection.on("calls", (told) => {
  const next = new Map(calls.value);
  for (const call of told.calls) next.set(call.id, call);
  for (const id of told.gone ?? []) next.delete(id);
  calls.value = next;
});
connection.on("notice", ({ level, text }) => notify(level, text));
connection.follow({ topic: "phone" });
connection.follow({ topic: "calls" });

let noticeKey = 0;

/** Shows a line to the user for a while; errors stay until they are closed. */
export function notify(level: Notice["level"], text: string): void {
  const notice: Notice = { key: ++noticeKey, level, text };
  notices.value = [...notices.value.slice(-4), notice];
  if (level !== "error") setTimeout(() => dismiss(notice.key), 6000);
}

export function dismiss(key: number): void {
  notices.value = notices.value.filter((notice) => notice.key !== key);
}

/** Runs what the user asked for; what is refused is told. */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    notify("error", error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
