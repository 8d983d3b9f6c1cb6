import type { Yate } from "yayts";
import { createEngine, parseConfig } from "yayts/engine";
import { type Caller, installPhone, loadPrompts, type Phone, placeCaller } from "yayts/testing";
import { patientRtp } from "./subject.ts";

/** A telephone: an engine of its own that reaches the other one by nothing but SIP and RTP. */
export interface Softphone extends AsyncDisposable {
  /** Its own engine. */
  readonly yate: Yate;
  /** Calls that come to it. */
  readonly line: Phone;
  /** Dials a number. */
  call(number: string): Promise<Caller>;
}

/**
 * @param server `host:port` where the engine under test takes SIP
 * @param account registers there; without it the telephone only calls
 */
export async function startSoftphone(
  server: string,
  account?: { readonly username: string; readonly password: string },
): Promise<Softphone> {
  const engine = await createEngine({
    config: {
      ysipchan: parseConfig("[general]\naddr=127.0.0.1\nport=0\n", "ysipchan.conf"),
      yrtpchan: patientRtp,
    },
  });
  // Now, for it takes time in which this process would play no sound.
  await loadPrompts();
  const yate = engine.connect();
  const number = account?.username ?? "nobody";
  const line = await installPhone(yate, number);
  const dialled = yate.handle("call.route", { priority: 90 }, (route) => {
    if (route.get("in_line")) return false;
    if (account) route.set("line", "home");
    return account ? `sip/${route.get("called")}` : `sip/sip:${route.get("called")}@${server}`;
  });
  await dialled.ready;
  if (account) {
    const registered = yate.onwatch("user.notify", { account: "home" }, { timeoutMs: 10_000 });
    yate
      .msg("user.login", { account: "home", protocol: "sip", registrar: server, domain: server, ...account })
      .enqueue();
    const state = await registered;
    if (state.get("registered") !== "true") {
      await engine.stop();
      throw new Error(`${number} is not registered: ${state.get("reason")}`);
    }
  }
  return {
    yate,
    line,
    call: (target) => placeCaller(yate, target, { caller: number }),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}
