import { basename } from "node:path";
import { codeFrame, type ErrorReport, formatReport } from "../errors/error-report.ts";
import type { Terminal } from "../terminal.ts";
import { type AppProcess, startAppProcess } from "./app-process.ts";
import { type FileWatch, watchFiles } from "./file-watch.ts";

export interface SupervisorOptions {
  readonly file: string;
  readonly address: string;
  /** Starts a new copy when a file of the app changes. */
  readonly reload: boolean;
  readonly terminal: Terminal;
  /** The channels that the engine has now. */
  readonly channels: () => ReadonlySet<string>;
  /** Without reload: the app did not start, or has crashed. */
  readonly onOver?: (() => void) | undefined;
  /** A copy does not answer. */
  readonly onStuck?: (() => void) | undefined;
}

/** Keeps one copy of the app running, and those before it as long as they have calls. */
export interface Supervisor {
  /** Starts the app; resolves to whether it has started. */
  start(): Promise<boolean>;
  /** Starts a new copy, as if a file had changed. */
  reload(): Promise<boolean>;
  /** Ends all copies. */
  close(): Promise<void>;
}

/** How long an old copy may go on with its calls. */
const longestCallMs = 10 * 60_000;
const lookMs = 200;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { file, terminal } = options;
  const { errStyle: style } = terminal;
  const name = basename(file);
  const say = (text: string): void => terminal.err(`${style.dim("·")} ${text}`);
  const show = (report: ErrorReport | undefined): void => {
    if (!report) return;
    for (const line of formatReport(report, style, terminal.verbose)) terminal.err(line);
  };
  const everyone = new Set<AppProcess>();
  let current: AppProcess | undefined;
  let starting: AppProcess | undefined;
  let closed = false;

  const files: FileWatch | undefined = options.reload
    ? watchFiles(
        () => void supervisor.reload(),
        (error) => say(style.yellow(`changes cannot be seen (${error.message}); press r to reload`)),
      )
    : undefined;
  const hint = options.reload ? "it comes back when you save it" : "";

  const launch = (): AppProcess => {
    const seen = new Set([file]);
    const copy = startAppProcess({
      file,
      address: options.address,
      verbose: terminal.verbose,
      colour: terminal.colour,
      onFile(path) {
        seen.add(path);
        files?.add(path);
      },
      onCrash(report) {
        show(report);
        const which = copy === current ? name : `the old copy of ${name}`;
        say(
          `${style.red(`${which} has crashed`)}${copy === current && hint ? `; calls keep their sound, ${hint}` : ""}`,
        );
        if (copy !== current) return;
        current = undefined;
        options.onOver?.();
      },
      onStuck({ place, within }) {
        const where = within ? ` in ${within}()` : "";
        say(
          `${style.yellow(`${name} has not answered for 3 s${where}`)}: an endless loop, or work without a break? Await something in it; ${options.reload ? "on save it is replaced" : "Ctrl-C ends it"}`,
        );
        if (place) for (const line of codeFrame(place, style)) terminal.err(line);
        options.onStuck?.();
      },
      onFree: () => say(`${name} answers again`),
    });
    everyone.add(copy);
    void copy.exited.then(() => everyone.delete(copy));
    void copy.started.then(({ kind }) => {
      if (kind === "started") files?.keep(seen);
    });
    return copy;
  };

  const giveWay = (old: AppProcess): void => {
    if (old.stuck) {
      say(`the old copy of ${name} does not answer and is ended`);
      void old.close();
      return;
    }
    const calls = new Set(options.channels());
    old.retire([...calls]);
    const hadCalls = calls.size > 0;
    const startedMs = performance.now();
    const timer = setInterval(() => {
      const now = options.channels();
      for (const id of calls) if (!now.has(id)) calls.delete(id);
      if (calls.size > 0 && !old.stuck && !closed && performance.now() - startedMs < longestCallMs) return;
      clearInterval(timer);
      if (!closed && hadCalls)
        say(`the old copy of ${name} ${calls.size === 0 ? "has finished its calls" : "is ended"}`);
      void old.close();
    }, lookMs);
    void old.exited.then(() => clearInterval(timer));
  };

  const supervisor: Supervisor = {
    async start() {
      files?.add(file);
      const startedMs = performance.now();
      // One that is still being started was made from files that have changed since.
      starting?.kill();
      const copy = launch();
      starting = copy;
      const outcome = await copy.started;
      if (starting !== copy || closed) return false;
      starting = undefined;
      if (outcome.kind !== "started") {
        if (outcome.kind === "failed") show(outcome.report);
        const rest = current ? "; the old copy stays" : hint ? `; ${hint}` : "";
        say(`${style.red(`${name} did not start`)}${rest}`);
        if (!current) options.onOver?.();
        return false;
      }
      const old = current;
      current = copy;
      const calls = options.channels().size;
      say(
        `${style.green(`${name} ${old ? "reloaded" : "started"}`)} in ${Math.round(performance.now() - startedMs)} ms${old && !old.stuck && calls > 0 ? `; the old copy finishes the calls it has, the new one takes the next` : ""}`,
      );
      if (old) giveWay(old);
      return true;
    },
    reload: () => (closed ? Promise.resolve(false) : supervisor.start()),
    async close() {
      closed = true;
      files?.close();
      starting?.kill();
      await Promise.all([...everyone].map((copy) => copy.close()));
    },
  };
  return supervisor;
}
