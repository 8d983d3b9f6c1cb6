/**
 * keyecho message by message, with async and await: what the call kit does for keyecho.ts.
 *
 *     npx yayts dev examples/keyecho-messages.ts
 */
import { Abandoned, app, Disconnected, type Yate } from "yayts";

export default app((yate) => {
  yate.handle("call.route", { filter: { called: "ivr" } }, (route) => {
    keyecho(yate, route.get("id") ?? "").catch(over);
    return "dumb/";
  });
});

/** @param id the caller's channel */
async function keyecho(yate: Yate, id: string): Promise<void> {
  const execute = await yate.onwatch("call.execute", { id }, { until: yate.onwatch("chan.hangup", { id }) });
  // Our side of the call. What is its source, the caller hears; when it is gone, so is the call.
  const leg = execute.get("targetid");
  if (!leg) return; // it could not be connected to us
  const call = yate.until(yate.onwatch("chan.hangup", { id: leg }));

  call.msg("call.answered", { id: leg, targetid: id }).enqueue();
  while (true) {
    const key = await call.onmsg("chan.dtmf", { id });
    const source = `wave/play/./sounds/digits/pl/${fileOf(key.get("text"))}.gsm`;
    call.msg("chan.masquerade", { message: "chan.attach", id: leg, source }).enqueue();
    key.ret(true);
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
