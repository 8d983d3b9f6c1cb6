import { resolve } from "node:path";
import type { TestEvent } from "node:test/reporters";

/** What a test run came to. Node counts a file without tests as a passed test; here it counts nothing. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Absolute paths of the files in which something failed, or that failed as a whole. */
  failedFiles: string[];
}

/** A reporter of node:test that writes one line of JSON, the {@link Counts} of the whole run, at its end. */
export default async function* countReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, failedFiles: [] };
  const failedFiles = new Set<string>();
  for await (const event of events) {
    // A file that crashes or is cut off has no summary: it is reported as a test that has the file's name.
    if (event.type === "test:fail" && isTestFile(event.data.name)) failedFiles.add(resolve(event.data.name));
    if (event.type !== "test:summary") continue;
    const { file, success, counts: found } = event.data;
    if (file !== undefined && !success) failedFiles.add(resolve(file));
    if (file === undefined) {
      // Only the summary of the run knows of files that crashed or were cut off.
      counts.failed = found.tests - found.passed - found.skipped - found.todo;
    } else {
      counts.passed += found.passed;
      counts.skipped += found.skipped + found.todo;
    }
  }
  counts.failedFiles = [...failedFiles].sort();
  yield `${JSON.stringify(counts)}\n`;
}

function isTestFile(name: string): boolean {
  return /\.test\.m?[jt]s$/.test(name);
}
