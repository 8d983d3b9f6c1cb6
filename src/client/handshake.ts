import { type Clock, Disconnected, YaytsError } from "../base/index.ts";
import type { EngineLine } from "../wire/index.ts";
import type { Session, SessionReceiver } from "./session.ts";

/** What is settled with an engine before anything else is said. */
export interface HandshakeOptions {
  /** The engine's address, for errors. */
  readonly where: string;
  /** Say `connect:global`; a script started by the engine has its role already. */
  readonly announce: boolean;
  /** Local settings of the connection; what they are set to is not reported. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Something that every engine answers, whatever its version: the proof that it is one. */
const question = "engine.version";

/**
 * Finds out whether an engine is there and takes this connection. Rejects with `not-a-yate`, `role-refused` or
 * Disconnected; the session is over then.
 * @returns the lines that came meanwhile, other than replies: a script is sent its call first of all
 */
export function shakeHands(session: Session, options: HandshakeOptions): Promise<EngineLine[]> {
  const { where, clock, timeoutMs } = options;
  const early: EngineLine[] = [];
  return new Promise((resolve, reject) => {
    const finish = (error: YaytsError | undefined): void => {
      timer.cancel();
      session.receiver = idle;
      if (error) {
        session.abort(error);
        reject(error);
      } else resolve(early);
    };
    const notYate = (said: string): YaytsError =>
      new YaytsError(
        "not-a-yate",
        `what listens at ${where} does not speak the external-module protocol: ${said}`,
      );
    const timer = clock.after(timeoutMs, () => {
      const silence = `it said nothing for ${timeoutMs} ms`;
      finish(
        notYate(
          session.pendingBytes > 0
            ? `it sent ${session.pendingBytes} bytes without the end of a line`
            : silence,
        ),
      );
    });
    session.receiver = {
      busy: false,
      line(line) {
        if (line.kind === "local" && line.name === question) finish(undefined);
        else if (line.kind === "unknown")
          finish(notYate(`it said ${JSON.stringify(line.line.slice(0, 100))}`));
        else if (line.kind === "error") {
          if (!line.line.startsWith("%%>connect:"))
            finish(notYate(`it refused ${JSON.stringify(line.line)}`));
        } else if (line.kind !== "local") early.push(line);
      },
      ended(cause) {
        if (!options.announce)
          return finish(new Disconnected(`the engine at ${where} closed the connection`, cause));
        const text = `the engine at ${where} closed the connection at once; its listener must take the role global (role=global, or none, in extmodule.conf)`;
        finish(new YaytsError("role-refused", text, { cause }));
      },
    };
    /** Until the new owner takes over, which is before anything else can be read. */
    const idle: SessionReceiver = {
      get busy() {
        return true;
      },
      line: (line) => void early.push(line),
      ended() {},
    };
    if (options.announce) session.send("%%>connect:global");
    for (const [name, value] of options.settings) session.setlocal(name, value, true);
    session.setlocal(question, "", false);
  });
}
