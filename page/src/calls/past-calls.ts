import { type Signal, signal } from "@preact/signals";
import type { CallView } from "../../../src/console/protocol.ts";
import { attempt, connection } from "../console.ts";

/** What the user searches for. */
export const search: Signal<string> = signal("");
/** Past calls as the server found them for the search, the latest first. */
export const past: Signal<readonly CallView[]> = signal([]);
export const more: Signal<boolean> = signal(false);
export const asking: Signal<boolean> = signal(false);

const pageSize = 100;
let turn = 0;

/** Asks for the first page anew; an answer to a search of before is dropped. */
export async function askPast(): Promise<void> {
  const mine = ++turn;
  asking.value = true;
  const found = await attempt(connection.ask("calls.past", { search: search.value, limit: pageSize }));
  if (mine !== turn) return;
  asking.value = false;
  past.value = found?.calls ?? [];
  more.value = found?.more ?? false;
}

export async function askMore(): Promise<void> {
  const last = past.value.at(-1);
  if (asking.value || !more.value || !last) return;
  const mine = ++turn;
  asking.value = true;
  const found = await attempt(
    connection.ask("calls.past", { search: search.value, limit: pageSize, before: last.startedMs }),
  );
  if (mine !== turn) return;
  asking.value = false;
  if (!found) return;
  past.value = [...past.value, ...found.calls];
  more.value = found.more && found.calls.length > 0;
}
