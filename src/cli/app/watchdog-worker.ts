import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { workerData } from "node:worker_threads";
import { isOwnFile, pathOf } from "../errors/source-place.ts";
import { type FromWatchdog, stuckAfterMs, watchdogFd } from "./host-messages.ts";

const checkMs = 250;
const lateMs = 1000;
/** How long to wait for the place: a busy machine takes its time. */
const placeMs = 3000;
const parent = process.ppid;

if (workerData instanceof Int32Array) watch(workerData);

function watch(beats: Int32Array): void {
  let last = Atomics.load(beats, 0);
  let changedAtMs = performance.now();
  let checkedAtMs = changedAtMs;
  let stuck = false;
  setInterval(() => {
    const nowMs = performance.now();
    // The whole process stood still: a lid was closed, or the machine is overloaded. That is not the app's doing.
    if (nowMs - checkedAtMs > lateMs) changedAtMs = nowMs;
    checkedAtMs = nowMs;
    // A thread in an endless loop cannot see that its parent has gone.
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
    const now = Atomics.load(beats, 0);
    if (now !== last) {
      last = now;
      changedAtMs = nowMs;
      if (stuck) tell({ kind: "free" });
      stuck = false;
    } else if (!stuck && nowMs - changedAtMs > stuckAfterMs) {
      stuck = true;
      findPlace((place, within) => tell({ kind: "stuck", place, within }));
    }
  }, checkMs);
}

function tell(what: FromWatchdog): void {
  try {
    writeSync(watchdogFd, `${JSON.stringify(what)}\n`);
  } catch {
    // The parent has gone; the next check ends the process.
  }
}

type Found = (place: Extract<FromWatchdog, { kind: "stuck" }>["place"], within: string) => void;

/** Stops the main thread for a moment to see where it is: the innermost frame in the user's own code. */
function findPlace(found: Found): void {
  const session = new Session();
  const files = new Map<string, string>();
  let over = false;
  const finish: Found = (place, within) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    session.disconnect();
    found(place, within);
  };
  // In a system call it cannot be stopped.
  const timer = setTimeout(() => finish(undefined, ""), placeMs);
  session.connectToMainThread();
  session.on("Debugger.scriptParsed", ({ params }) => {
    const file = pathOf(params.url);
    if (file && isOwnFile(file)) files.set(params.scriptId, file);
  });
  session.on("Debugger.paused", ({ params }) => {
    const frame = params.callFrames.find(({ location }) => files.has(location.scriptId));
    const file = frame && files.get(frame.location.scriptId);
    session.post("Debugger.resume");
    if (!frame || !file) return finish(undefined, "");
    const { lineNumber, columnNumber } = frame.location;
    finish({ file, line: lineNumber + 1, column: (columnNumber ?? 0) + 1 }, frame.functionName);
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
}
