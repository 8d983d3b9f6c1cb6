import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there can be no SIPp, for the tests that want it; false when there can. */
export const noSipp: string | false = spawnSync("sipp", ["-v"]).error
  ? "there is no sipp; apt-get install sip-tester"
  : false;

export interface SippOptions {
  /** Which scenario of this folder's `scenarios`. */
  readonly scenario: string;
  /** How many calls, and how many of them a second. */
  readonly calls: number;
  readonly perSecond: number;
  /** Default: it waits for calls. */
  readonly target?: string;
  readonly port: number;
  /** Words in brackets to replace in the scenario, beside SIPp's own. */
  readonly words?: Readonly<Record<string, string>>;
  readonly limitSec: number;
}

/** How it went: `failed` tells what SIPp complained about, and is empty when every call was as the scenario wants it. */
export interface SippResult {
  readonly failed: string;
}

/** Plays a scenario of the project's own to its end. */
export async function playSipp(options: SippOptions): Promise<SippResult> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-sipp-"));
  try {
    let text = await readFile(new URL(`scenarios/${options.scenario}.xml`, import.meta.url), "utf8");
    for (const [word, value] of Object.entries(options.words ?? {}))
      text = text.replaceAll(`[${word}]`, value);
    const file = join(folder, "scenario.xml");
    const errors = join(folder, "errors");
    await writeFile(file, text);
    const args = [
      ...(options.target ? [options.target] : []),
      ...["-sf", file, "-i", "127.0.0.1", "-p", String(options.port), "-nostdin"],
      ...["-m", String(options.calls), "-l", String(options.calls), "-r", String(options.perSecond)],
      ...["-timeout", `${options.limitSec}s`, "-timeout_error", "-trace_err", "-error_file", errors],
      // What comes late for a call that is over is no surprise on such a network.
      ...["-max_invite_retrans", "10", "-max_non_invite_retrans", "12", "-deadcall_wait", "40000"],
    ];
    const child = spawn("sipp", args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    let screen = "";
    child.stdout.setEncoding("utf8").on("data", (said: string) => {
      screen = (screen + said).slice(-20_000);
    });
    const killer = setTimeout(() => child.kill("SIGKILL"), (options.limitSec + 10) * 1000);
    const [code, signal] = await once(child, "close");
    clearTimeout(killer);
    if (code === 0) return { failed: "" };
    const complaints = await readFile(errors, "latin1").catch(() => "");
    const counts = /Successful call[^\n]*\n[^\n]*Failed call[^\n]*/.exec(screen)?.[0] ?? "";
    return { failed: `sipp ended with ${code ?? signal}\n${counts}\n${complaints.slice(0, 1500)}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
