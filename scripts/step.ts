/** What one check found. */
export interface StepResult {
  readonly ok: boolean;
  /** A few words for the check's line: counts, sizes, or why it was skipped. */
  readonly note?: string;
  /** What the developer needs to see; printed under the line. */
  readonly report?: string;
}

/** Runs one check as a verb of its own: report, note and exit code. */
export async function runAlone(step: Promise<StepResult>): Promise<void> {
  const { ok, note, report } = await step;
  if (report) console.log(report.trimEnd());
  if (note) console.log(note);
  process.exitCode = ok ? 0 : 1;
}
