/**
 * Writes journals of made-up calls into a folder, to be dropped onto the page: for looking at it, and nothing of the bundle.
 *
 *     node --conditions=yayts-source page/dev/make-journals.ts /tmp/journals
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeJournal } from "../../src/trace/index.ts";
import { helpdesk, long, yate } from "./stories.ts";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: make-journals.ts FOLDER");
mkdirSync(folder, { recursive: true });
for (const make of [helpdesk, long, yate])
  writeFileSync(join(folder, `${make.name}.json`), writeJournal(make()));
