import { type Clock, Disconnected, errorText, type Logger, type Timer, YaytsError } from "../base/index.ts";
import { type Filter, type Link, type LinkEvents, type MessageContent, Params } from "../bus/index.ts";
import {
  type AppLine,
  type EngineLine,
  formatAppAnswer,
  formatAppLine,
  formatMessage,
  isLiteral,
  parseAppLine,
  parseParams,
  unescapeField,
} from "../wire/index.ts";
import { type HandshakeOptions, shakeHands } from "./handshake.ts";
import { type ReconnectOptions, retryDelayMs } from "./reconnect.ts";
import { createSession, type Session, type SessionOptions, type SessionReceiver } from "./session.ts";
import type { Transport, TransportFactory } from "./transport.ts";

export interface EngineLinkOptions {
  readonly open: TransportFactory;
  readonly handshake: HandshakeOptions;
  /** How sessions are made; whether to kick may depend on the transport. */
  readonly session: (transport: Transport) => SessionOptions;
  readonly reconnect: ReconnectOptions | false;
  readonly log: Logger;
  readonly clock: Clock;
}

/** A link over connections of the line protocol. */
export interface EngineLink {
  readonly link: Link;
  /** Makes the first connection; rejects with why there is none. */
  start(): Promise<void>;
  /** From now on `events` hears what comes; in the next turn, so that the app can ask for things first. */
  attach(events: LinkEvents): void;
}

/** Where the link stands. */
type LinkState =
  | {
      readonly kind: "opening";
      readonly giveUp: AbortController;
      readonly attempt: number;
      readonly lostMs: number;
    }
  | { readonly kind: "open"; readonly session: Session; readonly early: EngineLine[] }
  | { readonly kind: "waiting"; readonly timer: Timer; readonly attempt: number; readonly lostMs: number }
  | { readonly kind: "closed" };

/** Makes a link; nothing happens before `start`. */
export function createEngineLink(options: EngineLinkOptions): EngineLink {
  const { log, clock, reconnect } = options;
  const { where } = options.handshake;
  let state: LinkState = { kind: "closed" };
  let events: LinkEvents | undefined;

  const setState = (next: LinkState): void => {
    state = next;
  };

  /** Makes a connection and shakes hands: the one way, the first time and every time after. */
  const open = async (attempt: number, lostMs: number): Promise<void> => {
    const giveUp = new AbortController();
    const opening: LinkState = { kind: "opening", giveUp, attempt, lostMs };
    setState(opening);
    const { timeoutMs } = options.handshake;
    const timer = clock.after(timeoutMs, () => {
      giveUp.abort(
        new YaytsError(
          "connect-refused",
          `${where} did not answer within ${timeoutMs} ms; check host and firewall`,
        ),
      );
    });
    const transport = await options.open(giveUp.signal).finally(() => timer.cancel());
    if (state !== opening) return transport.abort();
    const session = createSession(transport, options.session(transport), silence);
    giveUp.signal.addEventListener("abort", () => session.abort());
    const early = await shakeHands(session, options.handshake);
    if (state !== opening) return session.abort();
    setState({ kind: "open", session, early });
    lastCause = "";
    session.receiver = receiver;
  };

  let lastCause = "";
  const lose = (cause: unknown, attempt: number, lostMs: number): void => {
    if (!reconnect) {
      setState({ kind: "closed" });
      events?.lost(cause, undefined);
      return;
    }
    const retryMs = retryDelayMs(attempt, reconnect);
    const timer = clock.after(retryMs, () => {
      open(attempt, lostMs).then(
        () => restore(lostMs),
        (error: unknown) => {
          if (state.kind === "opening") lose(error, attempt + 1, lostMs);
        },
      );
    });
    setState({ kind: "waiting", timer, attempt, lostMs });
    // What is wrong, and what to do about it, is said once.
    const text = errorText(cause);
    const why = text === lastCause ? "" : ` (${text})`;
    lastCause = text;
    log.warn(`no engine at ${where}${why}; trying again in ${retryMs} ms`, { attempt });
    events?.lost(cause, { attempt, retryMs });
  };

  const restore = (lostMs: number): void => {
    if (state.kind !== "open" || !events) return;
    events.restored(clock.monotonicMs() - lostMs);
    deliverEarly();
  };

  /** What came during the handshake is delivered when the app has had its turn to ask for it. */
  const deliverEarly = (): void => {
    clock.turn(() => {
      if (state.kind !== "open") return;
      for (const line of state.early.splice(0)) receiver.line(line);
      state.session.resume();
    });
  };

  const receiver: SessionReceiver = {
    get busy() {
      return events?.busy ?? true;
    },
    line(line) {
      if (!events) return;
      switch (line.kind) {
        case "message": {
          const { kind, id, timeSec, name, retvalue } = line;
          return events.event({
            kind,
            id,
            timeSec,
            name,
            retvalue,
            params: Params.lazy(line.rawParams, parseParams),
          });
        }
        case "notification": {
          const { handled, name, retvalue } = line;
          return events.event({
            kind: "watch",
            handled,
            name,
            retvalue,
            params: Params.lazy(line.rawParams, parseParams),
          });
        }
        case "answer": {
          const { name, retvalue } = line;
          return events.answered(line.id, line.handled, {
            name,
            retvalue,
            params: Params.lazy(line.rawParams, parseParams),
          });
        }
        case "installed":
          return events.installed(line.name, line.priority, line.ok);
        case "watched":
          return events.watched(line.name, line.ok);
        case "local":
          return events.localSet(line.name, line.value, line.ok);
        case "error":
          return refused(events, line.line);
        case "unknown":
          return log.warn(
            `the engine sent a line that is not understood: ${JSON.stringify(line.line.slice(0, 200))}`,
          );
        case "uninstalled":
        case "unwatched":
        case "quitting":
          return;
      }
    },
    ended(error) {
      if (state.kind !== "open") return;
      lose(new Disconnected(`the connection to ${where} was lost`, error), 1, clock.monotonicMs());
    },
  };

  /** The engine could not read a line of ours. */
  const refused = (to: LinkEvents, line: string): void => {
    const error = new YaytsError("bad-line", `the engine refused ${JSON.stringify(line.slice(0, 200))}`);
    const id = line.startsWith(messageStart)
      ? unescapeField(line.slice(messageStart.length).split(":", 1)[0] ?? "")
      : "";
    if (typeof id === "string" && id !== "") to.failed(id, error);
    else log.error(error.message);
  };

  /** Sends a line; what cannot be sent is reported. */
  const say = (line: AppLine): void => {
    if (state.kind !== "open") return;
    const error = state.session.send(formatAppLine(line));
    if (error) log.error(error.message);
  };

  const answer = (id: string, handled: boolean, content: MessageContent, renamed: boolean): void => {
    if (state.kind !== "open") return;
    const { session } = state;
    const line = formatAppAnswer(
      id,
      handled,
      renamed ? content.name : "",
      content.retvalue,
      changesOf(content.params),
    );
    const error = session.send(line);
    if (!error) return;
    log.error(`the answer to ${content.name} could not be sent; answering false: ${error.message}`, {
      error,
    });
    // An engine that does not even take this is given up: it would wait for answers that never come.
    const again = session.send(formatAppAnswer(id, false, "", undefined, []));
    if (again) session.abort(again);
  };

  const link: Link = {
    install(name, priority, filter: Filter | undefined) {
      if (isLiteral(name) && !name.includes(":")) say({ kind: "install", priority, name, filter });
      else events?.installed(name, priority, false);
    },
    uninstall: (name) => say({ kind: "uninstall", name }),
    watch(name) {
      if (isLiteral(name)) say({ kind: "watch", name });
      else events?.watched(name, false);
    },
    unwatch: (name) => say({ kind: "unwatch", name }),
    send(id, { name, retvalue, params }) {
      if (state.kind !== "open") return;
      const error = state.session.send(formatMessage(id, "", name, retvalue, params.flat));
      if (error) events?.failed(id, error);
    },
    answer,
    setlocal(name, value) {
      if (state.kind !== "open") return;
      const { session } = state;
      // Read as the engine will read it: what cannot travel as it is would get no reply.
      const read = parseAppLine(`%%>setlocal:${name}:${value ?? ""}`);
      if (read.kind === "setlocal" && read.name === name && isLiteral(name) && isLiteral(value ?? "")) {
        session.setlocal(name, value ?? "", false);
      } else events?.localSet(name, value ?? "", false);
    },
    output: (text) => say({ kind: "output", text }),
    debug: (level, text) => say({ kind: "debug", level, text }),
    async close() {
      const last = state;
      end();
      if (last.kind === "open") await last.session.close();
    },
    abort() {
      const last = state;
      end();
      if (last.kind === "open") last.session.abort();
    },
    resume() {
      if (state.kind === "open") state.session.resume();
    },
  };

  /** No connection is wanted any more. */
  const end = (): void => {
    if (state.kind === "waiting") state.timer.cancel();
    else if (state.kind === "opening") state.giveUp.abort(new Disconnected("closed by this program"));
    setState({ kind: "closed" });
  };

  return {
    link,
    async start() {
      try {
        await open(0, clock.monotonicMs());
      } catch (error) {
        setState({ kind: "closed" });
        throw error;
      }
    },
    attach(to) {
      events = to;
      deliverEarly();
    },
  };
}

const messageStart = "%%>message:";

/** Hears nothing and reads nothing: stands until the handshake takes over. */
const silence: SessionReceiver = { busy: false, line() {}, ended() {} };

/** What an answer has to tell: the parameters that were set, and without a value those that were deleted. */
function changesOf(params: Params): (string | undefined)[] {
  const changes: (string | undefined)[] = [];
  for (const name of params.touched) changes.push(name, params.get(name));
  return changes;
}
