/**
 * trunk: telephone lines of a provider.
 *
 *     TRUNK_REGISTRAR=sip.example.com TRUNK_USER=4930123 TRUNK_PASSWORD=… npx yayts dev examples/trunk.ts --phone 100:secret
 *
 * | call | what happens |
 * |---|---|
 * | from the provider | answered, says welcome, and is put through to TRUNK_TO (default 100) |
 * | a registered phone dials 0 and a number | goes out to that number through the provider |
 */
import { Abandoned, app, Disconnected, sleep, type Yate } from "yayts";

export default app(async (yate) => {
  const { TRUNK_REGISTRAR, TRUNK_USER, TRUNK_PASSWORD, TRUNK_TO } = process.env;
  if (!TRUNK_REGISTRAR || !TRUNK_USER || !TRUNK_PASSWORD)
    throw new Error("set TRUNK_REGISTRAR, TRUNK_USER and TRUNK_PASSWORD to what your provider gave you");
  const account = { registrar: TRUNK_REGISTRAR, username: TRUNK_USER, password: TRUNK_PASSWORD };
  await trunk(yate, { ...account, to: TRUNK_TO });
});

/** An account with a provider. */
export interface TrunkOptions {
  /** Host, or host:port. */
  readonly registrar: string;
  readonly username: string;
  readonly password: string;
  /** Where calls from the provider go after the welcome. Default 100. */
  readonly to?: string | undefined;
  /** Told each time the line comes or goes. Default: prints it. */
  readonly onState?: (state: string) => void;
}

export async function trunk(yate: Yate, options: TrunkOptions): Promise<void> {
  const { registrar, username, password, to = "100", onState = console.log } = options;

  // From the provider: the engine tells by `in_line` which of its accounts a call came in by.
  yate.handle("call.route", { priority: 50, filter: { in_line: "trunk" } }, (route) => {
    welcome(yate, route.get("id") ?? "", to).catch(over);
    return "dumb/";
  });

  // To the provider: `line` makes the call with that account. Calls cost money, so only for those who have proved who they are.
  yate.handle("call.route", { priority: 60 }, (route) => {
    const [, number] = /^0(\d+)$/.exec(route.get("called") ?? "") ?? [];
    if (!number) return false;
    if (!route.get("username")) {
      route.set("error", "noauth");
      return "-";
    }
    route.set("line", "trunk").set("caller", username);
    return `sip/${number}`;
  });

  const states = yate.watches("user.notify", { account: "trunk" });
  yate.msg("user.login", { account: "trunk", protocol: "sip", registrar, username, password }).enqueue();
  for await (const state of states) {
    const up = state.get("registered") === "true";
    onState(`line ${username} ${up ? "is up" : `is down: ${state.get("reason") ?? "logged out"}`}`);
  }
}

/** Answers, says welcome, and sends the caller on. */
async function welcome(yate: Yate, id: string, to: string): Promise<void> {
  const execute = await yate.onwatch("call.execute", { id }, { until: yate.onwatch("chan.hangup", { id }) });
  const leg = execute.get("targetid") ?? "";
  const call = yate.until(yate.onwatch("chan.hangup", { id: leg }));
  call.msg("call.answered", { id: leg, targetid: id }).enqueue();
  const source = "wave/play/./sounds/en/welcome.gsm";
  call.msg("chan.masquerade", { message: "chan.attach", id: leg, source }).enqueue();
  await sleep(1000, { until: call.onwatch("chan.hangup", { id: leg }) });

  const route = await call.msg("call.route", { id, called: to }).dispatch();
  // What routing has set goes along: over which connection a phone is reached, for one.
  const execution = { ...route.params.toObject(), message: "call.execute", callto: route.retvalue };
  const done = route.handled && (await yate.msg("chan.masquerade", execution).dispatch()).handled;
  if (!done) yate.msg("call.drop", { id, reason: "offline" }).enqueue();
}

/** The end of a call, or of the engine, ends the program of the call too. Anything else is a mistake: show it. */
function over(error: unknown): void {
  if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
}
