import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { DataSource, type Engine } from "../../engine/index.ts";

/** What a program that has been asked to end may still take before it is killed. */
const graceMs = 2000;
/** How much of a program's complaints is kept for the log. */
const maxComplaint = 500;

export interface ProgramSourceOptions {
  /** Names it in the log. */
  readonly name: string;
  readonly command: string;
  /** 8000, 16000 or 32000. */
  readonly rateHz: number;
  /** Called once, when nothing more will come: the program has ended, or nobody holds the source any more. */
  readonly ended: () => void;
}

/**
 * What a shell command writes to its standard output, as 16-bit linear sound, 20 ms a tick: the pipe holds a program back that
 * writes faster. It runs as long as somebody holds the source; then it and what it has started get SIGTERM, and SIGKILL when
 * it has ended, two seconds later at most. When it ends by itself its listeners hear silence, as in the reference engine.
 */
export class ProgramSource extends DataSource {
  readonly #engine: Engine;
  readonly #options: ProgramSourceOptions;
  readonly #blockBytes: number;
  readonly #child: ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };
  readonly #disown: () => void;
  #unsubscribe: () => void;
  #complaint = "";
  #over = false;
  #exited = false;

  constructor(engine: Engine, options: ProgramSourceOptions) {
    super(options.rateHz === 8000 ? "slin" : `slin/${options.rateHz}`);
    this.#engine = engine;
    this.#options = options;
    this.#blockBytes = (options.rateHz / 50) * 2;
    // A group of its own: what the shell has started ends with it, and the keys that interrupt the engine do not reach it.
    this.#child = spawn(options.command, {
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    this.#child.on("error", (error) => {
      this.#complaint = error.message;
      this.#exit("cannot be started");
    });
    this.#child.on("close", (code, signal) => this.#exit(`ended (${code ?? signal})`));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-maxComplaint);
    });
    // Reading waits for the ticks; without such a listener nothing would be fetched from the pipe.
    this.#child.stdout.on("readable", () => {});
    this.#child.stdout.on("error", () => {});
    this.#unsubscribe = engine.ticker.subscribe(() => this.#tick());
    this.#disown = engine.own(() => this.#stop());
  }

  #tick(): void {
    const { stdout } = this.#child;
    let block: Buffer | null = stdout.read(this.#blockBytes);
    // At the end a shorter rest is given; half a sample is none.
    if (block && block.length % 2 === 1) block = block.subarray(0, -1);
    if (block && block.length > 0) this.forward(block);
    else if (stdout.readableEnded) this.#unsubscribe();
  }

  /** Nobody holds it any more: the last listener has gone. */
  protected override destroyed(): void {
    this.#stop();
  }

  #exit(how: string): void {
    if (this.#exited) return;
    this.#exited = true;
    this.#disown();
    if (this.#over) return;
    const said = this.#complaint.trim();
    this.#engine.log.warn(
      `the program of moh/${this.#options.name} ${how}, its listeners hear silence: ${said || this.#options.command}`,
    );
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.ended();
  }

  #stop(): void {
    this.#end();
    this.#unsubscribe();
    if (this.#exited) return;
    this.#disown();
    const { stdout, stderr, exitCode, signalCode } = this.#child;
    const finish = (): void => {
      killer.cancel();
      this.#kill("SIGKILL");
      stdout.destroy();
      stderr.destroy();
    };
    this.#kill("SIGTERM");
    const killer = this.#engine.clock.after(graceMs, () => this.#kill("SIGKILL"), { background: true });
    // Until it has ended its pipe is read: one that cleans up is neither held back nor killed by what it still writes.
    stdout.removeAllListeners("readable").resume();
    if (exitCode === null && signalCode === null) this.#child.once("exit", finish);
    else finish();
    // It must not keep a process alive that is done otherwise.
    this.#child.unref();
    for (const pipe of [stdout, stderr]) if (pipe instanceof Socket) pipe.unref();
  }

  #kill(signal: "SIGTERM" | "SIGKILL"): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It was faster.
    }
  }
}
