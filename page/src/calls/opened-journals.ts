import { type Signal, signal } from "@preact/signals";
import type { CallView } from "../../../src/console/protocol.ts";
import { type Journal, readJournal } from "../../../src/trace/journal.ts";
import { notify } from "../console.ts";
import { goTo } from "../route.ts";

/** Journals that were opened in this page, by the name under which it shows them. */
export const journals: Signal<ReadonlyMap<string, OpenedJournal>> = signal(new Map());

export interface OpenedJournal {
  readonly file: string;
  readonly journal: Journal;
  readonly call: CallView;
}

/** No journal that this page should try: a call of 100,000 records has fewer. */
const mostBytes = 200 * 2 ** 20;

/** Opens files that another console wrote, and shows the last of them. */
export async function openJournals(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    if (file.size > mostBytes) {
      notify("error", `${file.name} is too large for a journal`);
      continue;
    }
    const read = readJournal(await file.text());
    if (!read.ok) {
      notify("error", `${file.name}: ${read.problem}`);
      continue;
    }
    if (read.problem) notify("warn", `${file.name}: ${read.problem}`);
    // A call may be opened beside the same call of the server.
    const id = `file:${file.name}:${read.journal.call.id}`;
    const call: CallView = { ...read.journal.call, id, hasSound: read.journal.sound.length > 0 };
    journals.value = new Map([...journals.value, [id, { file: file.name, journal: read.journal, call }]]);
    goTo("calls", id);
  }
}

export function closeJournal(id: string): void {
  journals.value = new Map([...journals.value].filter(([one]) => one !== id));
}
