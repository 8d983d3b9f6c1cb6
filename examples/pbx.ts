/**
 * pbx: who answers a call can transfer it, by keys.
 *
 * | keys | what happens |
 * |---|---|
 * | digits, then `#` | blind transfer: the other party goes to that number. If nobody answers there, it comes back |
 * | digits, then `*` | supervised transfer: the other party is put on hold, and you talk to that number first. Then: |
 * | … `#`, or hang up | the two others are connected, and you are out |
 * | … `*` | back to the party on hold |
 *
 * When the number is wrong, busy, or hangs up, you are back with the other party and hear so. A pause of more than three
 * seconds between two keys begins a new number.
 *
 *     npx yayts dev examples/pbx.ts --phone 100:secret1 --phone 200:secret2
 *
 * It serves whoever answers any call; with PBX_NUMBER=100 those who answer calls to 100.
 */
import {
  Abandoned,
  app,
  Disconnected,
  either,
  type IncomingMessage,
  sleep,
  type Wait,
  type WatchedMessage,
  type Yate,
} from "yayts";

export default app((yate) => pbx(yate, { number: process.env.PBX_NUMBER }));

export interface PbxOptions {
  /** Serve only calls to this number. Default: every call that somebody answers. */
  readonly number?: string | undefined;
  /** How long a number that a call is transferred to may ring. Default 20,000. */
  readonly ringMs?: number;
  /** Longest pause between two keys of one number. Default 3000. */
  readonly gapMs?: number;
  /** What a party on hold hears, again and again. */
  readonly holdMusic?: string;
}

/** Two parties that talk: the one that we serve, and the other. */
interface Talk {
  readonly agent: string;
  readonly other: string;
  /** The other party's number, which those see to whom it is transferred. */
  readonly caller: string;
  /** The agent's number, where a failed transfer goes back to. */
  readonly number: string;
}

/** Where a call goes: `callto`, and what else routing has set. */
type Target = Readonly<Record<string, string>> & { readonly callto: string };

export async function pbx(yate: Yate, options: PbxOptions = {}): Promise<void> {
  const { ringMs = 20_000, gapMs = 3000, holdMusic = "wave/play/./sounds/en/hold-please.gsm" } = options;
  const serves = (number: string): boolean => options.number === undefined || options.number === number;

  // A watch, because only the executed message tells who was called. `pbx` marks the calls that we make for a talk,
  // `fork.master` those to each of several phones of one number.
  const isCall = (m: WatchedMessage<"call.execute">): boolean =>
    m.handled &&
    serves(m.get("called") ?? "") &&
    Boolean(m.get("called") && m.get("targetid")) &&
    !m.get("pbx") &&
    !m.get("fork.master");
  // The engine tells only what it was asked for: ask now, for the first call may be answered before it is waited for.
  for (const name of ["call.answered", "chan.hangup"]) yate.onwatch(name, () => false);
  yate.onmsg("chan.dtmf", () => false);
  while (yate.state.kind !== "closed") {
    const execute = await yate.onwatch("call.execute", isCall).catch(over);
    if (execute) serve(execute).catch(over);
  }

  async function serve(execute: WatchedMessage<"call.execute">): Promise<void> {
    const [other = "", called = "", number = "", caller = ""] = ["id", "targetid", "called", "caller"].map(
      (name) => execute.get(name),
    );
    // The caller may ring at another number next, when this one refuses it.
    const until = either([gone(other), gone(called)]);
    const answered = await yate.onwatch("call.answered", { targetid: other }, { until });
    await attend({ agent: answered.get("id") ?? "", other, caller, number });
  }

  /** Waits for the agent's wishes until one of them, or hanging up, ends the talk. */
  async function attend(talk: Talk): Promise<void> {
    const there = yate.until(gone(talk.agent));
    for (let done = false; !done; ) {
      const { number, key } = await dialled(there, talk.agent);
      const id = key === "#" ? talk.other : talk.agent;
      const target = await routed(id, key === "#" ? talk.caller : talk.number, number);
      if (!target) say(talk.agent, "invalid");
      else if (key === "#") done = await transfer(talk, target);
      else done = await consult(talk, number, target);
    }
  }

  /** The next number that the agent dials, with the key that ended it. The other party gets the keys as well. */
  async function dialled(there: Yate, agent: string): Promise<{ number: string; key: string }> {
    let number = "";
    let lastMs = 0;
    while (true) {
      const dtmf = await there.onmsg("chan.dtmf", { id: agent });
      const key = dtmf.get("text") ?? "";
      dtmf.ret(false);
      const nowMs = performance.now();
      if (nowMs - lastMs > gapMs) number = "";
      lastMs = nowMs;
      if (key !== "#" && key !== "*") number += key;
      else if (number) return { number, key };
    }
  }

  /** Where a number is; undefined when it is nowhere. What routing has set goes along with the call: the way to a phone. */
  async function routed(id: string, caller: string, called: string): Promise<Target | undefined> {
    const route = await yate.msg("call.route", { id, caller, called }).dispatch();
    if (!route.handled || !route.retvalue || route.retvalue === "-") return undefined;
    return { ...route.params.toObject(), callto: route.retvalue };
  }

  /** Blind transfer. True when the agent is out of it. */
  async function transfer({ agent, other, caller, number }: Talk, target: Target): Promise<boolean> {
    const until = gone(other);
    const answered = yate.onwatch("call.answered", { targetid: other }, { until });
    const refused = yate.onmsg("chan.disconnected", { id: other }, { until });
    const called = await call(other, { ...target, caller });
    if (!called.handled) {
      // Nothing was changed: they still talk.
      answered.cancel();
      refused.cancel();
      say(agent, "unavailable");
      return false;
    }
    if (!called.get("targetid")) return true; // a tone, a file: nobody who would answer
    const [which, message] = await either([answered, refused, sleep(ringMs, { until })]);
    if (which === 0) return true;
    // Back to the agent, by a new call, before the other party is told that it is alone: then it lives on.
    const home = await routed(other, caller, number);
    const back = home !== undefined && (await call(other, home)).handled;
    if (which === 1) message.ret(back);
    else if (!back) yate.msg("call.drop", { id: other, reason: "noanswer" }).enqueue();
    return true;
  }

  /** Supervised transfer. True when the agent is out of it. */
  async function consult(talk: Talk, to: string, target: Target): Promise<boolean> {
    const { agent, other } = talk;
    // All that may happen is watched before anything does; what was not needed is given up at the end.
    const scope = new AbortController();
    const { signal } = scope;
    const ringing = [
      yate.onwatch("call.answered", { targetid: agent }, { signal }),
      command(agent, signal),
      yate.onmsg("chan.disconnected", { id: agent }, { signal }),
      yate.onwatch("chan.hangup", { id: agent }, { signal }),
    ] as const;
    // The agent is called away, which leaves the other party alone: at that moment it is put on hold.
    const left = yate.onmsg("chan.disconnected", { id: other }, { until: gone(other), signal });
    try {
      const called = await call(agent, { ...target, pbx: "consult" });
      if (called.handled) return await talkItOver(talk, to, target, called, ringing, left);
      say(agent, "unavailable");
      return false;
    } finally {
      scope.abort();
    }
  }

  /** The agent has been called away to the third party, who rings. */
  async function talkItOver(
    talk: Talk,
    to: string,
    target: Target,
    called: WatchedMessage,
    ringing: readonly [
      answered: Wait<WatchedMessage>,
      command: Wait<IncomingMessage>,
      refused: Wait<IncomingMessage>,
      gone: Wait<WatchedMessage>,
    ],
    left: Wait<IncomingMessage>,
  ): Promise<boolean> {
    const { agent, other, caller } = talk;
    const disconnected = await left;
    disconnected.ret(await hold(other));

    let third = called.get("targetid");
    if (third) {
      const [which, message] = await either([...ringing, sleep(ringMs)]);
      if (which === 1) message.ret(true);
      // Who does not wait for the answer has made it a blind transfer.
      if (which === 3 || (which === 1 && message.get("text") === "#")) return transfer(talk, target);
      if (which === 1) return back();
      if (which === 2) return back("unavailable", message);
      if (which === 4) return back("unavailable");
      third = message.get("id");
    }
    // The ringing is over, or there was none: a tone, a file.
    for (const wait of ringing) wait.cancel();
    third ??= called.get("peerid") ?? "";

    const [which, message] = await either([
      command(agent),
      yate.onmsg("chan.disconnected", { id: agent }),
      yate.onmsg("chan.disconnected", { id: third }),
    ]);
    if (which === 1) return back("unavailable", message);
    if (which === 0) message.ret(true);
    if (which === 0 && message.get("text") === "*") return back();
    const joined = await connect(other, third);
    if (which === 2) message.ret(joined);
    if (joined && serves(to)) attend({ agent: third, other, caller, number: to }).catch(over);
    // The party on hold may have left: then the agent just goes on with the third.
    return joined || which === 2;

    /**
     * Agent and party on hold talk again. When the third party has left, that rescues the agent, so the message that told so
     * is answered after it.
     */
    async function back(prompt?: string, left?: IncomingMessage): Promise<boolean> {
      const joined = await connect(agent, other);
      left?.ret(joined);
      if (prompt && joined) say(agent, prompt);
      return !joined && left !== undefined;
    }
  }

  /** `#` or `*` while the agent consults. */
  function command(agent: string, signal?: AbortSignal): Wait<IncomingMessage<"chan.dtmf">> {
    const isCommand = (m: IncomingMessage): boolean =>
      m.get("id") === agent && /^[#*]$/.test(m.get("text") ?? "");
    return yate.onmsg("chan.dtmf", isCommand, { signal });
  }

  async function hold(id: string): Promise<boolean> {
    const held = await call(id, { callto: "dumb/hold" });
    const leg = held.get("targetid");
    const music = { id: leg, source: holdMusic, autorepeat: true };
    yate.msg("chan.masquerade", { message: "chan.attach", ...music }).enqueue();
    return held.handled;
  }

  /** Sends a channel to a new target. Its old peer learns of it by `chan.disconnected`; if it fails, they stay together. */
  function call(id: string, target: Target): Wait<WatchedMessage> {
    const execute = { ...target, message: "call.execute", id, reason: "transferred" };
    return yate.msg("chan.masquerade", execute).dispatch();
  }

  async function connect(id: string, targetid: string): Promise<boolean> {
    return (await yate.msg("chan.connect", { id, targetid, reason: "transferred" }).dispatch()).handled;
  }

  /** Plays a prompt to a party over what it hears. */
  function say(id: string, prompt: string): void {
    const override = `wave/play/./sounds/en/${prompt}.gsm`;
    yate.msg("chan.masquerade", { message: "chan.attach", id, override }).enqueue();
  }

  function gone(id: string): Wait<WatchedMessage<"chan.hangup">> {
    return yate.onwatch("chan.hangup", { id });
  }
}

/** The end of a call, or of the engine, ends the program of the call too. Anything else is a mistake: show it. */
function over(error: unknown): undefined {
  if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
}
