/**
 * keyecho with callbacks, as the article about YAYPM wrote it. Each function waits for the next message and says what to do
 * with it; compare keyecho.ts, which does the same from top to bottom.
 *
 *     npx yayts dev examples/keyecho-callbacks.ts
 */
import { Abandoned, app, Disconnected, type IncomingMessage, type WatchedMessage, type Yate } from "yayts";

export default app((yate) => {
  function waitForCall(): void {
    yate.onmsg("call.route", { called: "ivr" }).then(onRoute).catch(over).then(again, again);
  }
  function again(): void {
    if (yate.state.kind !== "closed") waitForCall();
  }
  function onRoute(route: IncomingMessage<"call.route">): void {
    keyecho(yate, route.get("id") ?? "");
    route.ret(true, "dumb/");
  }
  waitForCall();
});

/** @param id the caller's channel */
function keyecho(yate: Yate, id: string): void {
  yate
    .onwatch("call.execute", { id }, { until: yate.onwatch("chan.hangup", { id }) })
    .then(onExecute)
    .catch(over);

  function onExecute(execute: WatchedMessage<"call.execute">): void {
    // Our side of the call. What is its source, the caller hears; when it is gone, so is the call.
    const leg = execute.get("targetid");
    if (!leg) return; // it could not be connected to us
    const call = yate.until(yate.onwatch("chan.hangup", { id: leg }));

    call.msg("call.answered", { id: leg, targetid: id }).enqueue();
    call.onmsg("chan.dtmf", { id }).then(onKey).catch(over);

    function onKey(key: IncomingMessage<"chan.dtmf">): void {
      const source = `wave/play/./sounds/digits/pl/${fileOf(key.get("text"))}.gsm`;
      call.msg("chan.masquerade", { message: "chan.attach", id: leg, source }).enqueue();
      call.onmsg("chan.dtmf", { id }).then(onKey).catch(over);
      key.ret(true);
    }
  }
}

/** A file cannot be called `*`. */
function fileOf(key = ""): string {
  return { "*": "star", "#": "pound" }[key] ?? key;
}

/** The end of the call, or of the engine, ends the program of the call too. Anything else is a mistake: show it. */
function over(error: unknown): void {
  if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
}
