/** Every code a {@link YaytsError} can have; `errorCodes` tells what each means and what to do. */
export type ErrorCode =
  | "abandoned"
  | "already-answered"
  | "app-invalid"
  | "app-missing"
  | "bad-argument"
  | "bad-line"
  | "bad-name"
  | "call-elsewhere"
  | "call-failed"
  | "call-gone"
  | "call-over"
  | "cancelled"
  | "closed"
  | "config-invalid"
  | "connect-refused"
  | "disconnected"
  | "file-failed"
  | "handler-failed"
  | "install-refused"
  | "keys-refused"
  | "line-too-long"
  | "no-audio"
  | "no-media"
  | "not-a-yate"
  | "not-bridged"
  | "not-in-room"
  | "overflow"
  | "peer-unreachable"
  | "port-taken"
  | "role-refused"
  | "room-empty"
  | "room-full"
  | "room-locked"
  | "room-refused"
  | "setting-refused"
  | "slot-empty"
  | "slot-taken"
  | "timeout";

/**
 * What can go wrong, and what to do about it. The union of codes is closed: a test holds docs/errors.md to this table.
 * In alphabetical order.
 */
export const errorCodes: Readonly<Record<ErrorCode, string>> = {
  abandoned:
    "A wait ended before its event because its `until` or its signal ended first. `cause` says which.",
  "already-answered":
    "A message was answered twice. Answer each message once: with `ret`, or by what the handler returns.",
  "app-invalid":
    "The app file has no default export made by `app(…)` or a function. Add `export default app((yate) => …)`.",
  "app-missing": "The app file does not exist. Check the path.",
  "bad-argument":
    "An argument has a value that cannot be used. The text names the argument and what it takes.",
  "bad-line": "A line of the external-module protocol could not be read. The text quotes it.",
  "bad-name":
    "A message or parameter name cannot travel: a NUL, or an `=` in a parameter name that the engine would refuse.",
  "call-elsewhere":
    "The party of the call is connected to somebody else. End that first (`unbridge`, `leave`), or wait until it comes back.",
  "call-failed": "An outgoing call was not answered. `reason` tells why: busy, noanswer, noroute, …",
  "call-gone":
    "The other call of an operation is over, or its party could not be reached any more. Look at its outcome.",
  "call-over":
    "The program of a call went on and on after the hang-up. Look at the outcomes: end the loop when `kind` is `hangup`.",
  cancelled: "The wait was cancelled by the program itself.",
  closed: "The connection was closed by this program; it takes no more work.",
  "config-invalid":
    "A configuration file has a section, key or value that cannot be used. The text names its line.",
  "connect-refused":
    "Nobody listens at the engine's address. Start the engine, or add a listener to its extmodule.conf.",
  disconnected: "The engine was lost while this was waiting for it.",
  "file-failed":
    "A file could not be written: no space, no permission, no such folder. `cause` is the system's error.",
  "handler-failed": "A handler of the app threw; the message was answered as not handled.",
  "install-refused": "The engine refused to install a handler or watcher.",
  "keys-refused":
    "Keys were sent to a phone that takes none. The text says which: its sound has not begun, or there is no way to it.",
  "line-too-long":
    "A line is longer than the engine's input buffer takes, even at its maximum of 65536 bytes. Send less in a message.",
  "no-audio":
    "The sound of a leg could not be attached by RTP, or a socket for it could not be opened. The text says why.",
  "no-media": "A sound file, tone or format cannot be used.",
  "not-a-yate":
    "What answered at the address does not speak the external-module protocol. Check host and port (5038 is the remote manager).",
  "not-bridged": "The call is bridged with nobody, or not any more.",
  "not-in-room": "The call is not in the conference room: it has left it, or never joined.",
  overflow: "A bounded buffer was full and its policy dropped something. The text says what.",
  "peer-unreachable":
    "A SIP peer cannot be reached: its name has no address, it takes no connection or its certificate is not good, or the connection to it was closed. The text says which.",
  "port-taken": "Another program listens at the address. Choose another port.",
  "role-refused":
    "The engine closed the connection at the role: the listener does not take `global` connections.",
  "room-empty": "Nobody is in the conference room, so that there is none to play to, to record or to close.",
  "room-full":
    "The conference room takes no more members. Give its first `yate.conference` a larger `maxUsers`.",
  "room-locked": "The conference room is locked: nobody comes in until `unlock`.",
  "room-refused":
    "The engine does not let the call into the conference room. A real YATE needs its module conference; the text says more.",
  "setting-refused": "The engine refused a local setting: its name is unknown or read-only.",
  "slot-empty": "Nobody is parked in that place: somebody else was quicker, or the caller has hung up.",
  "slot-taken": "The parking place is taken, or all are. Choose another, or more `slots`.",
  timeout: "The time given for a wait was over before its event came.",
};

/**
 * The base of every error that yayts raises. The text is `[code] what happened`; `code` is for programs.
 * Expected outcomes (busy, not handled, no input) are values, never errors.
 */
export class YaytsError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(`[${code}] ${message}`, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A wait that its `until`, its signal or its scope ended. `cause` is what that one ended with (a message, a reason). */
export class Abandoned extends YaytsError {
  constructor(message: string, cause?: unknown) {
    super("abandoned", message, { cause });
  }
}

/** A wait that its own program cancelled. */
export class Cancelled extends YaytsError {
  constructor(message = "the wait was cancelled") {
    super("cancelled", message);
  }
}

/** A wait that ended because the engine was lost or the connection was closed. `cause` is the transport's error, if any. */
export class Disconnected extends YaytsError {
  constructor(message: string, cause?: unknown) {
    super("disconnected", message, { cause });
  }
}

/** A wait whose time was over. */
export class TimedOut extends YaytsError {
  readonly timeoutMs: number;

  constructor(message: string, timeoutMs: number) {
    super("timeout", message);
    this.timeoutMs = timeoutMs;
  }
}

/** The text of anything thrown, for logs: an error's message, else the value as text. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
