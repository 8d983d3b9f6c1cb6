/**
 * small-office: the telephones of a small office.
 *
 *     npx yayts dev examples/small-office.ts --phone 100:secret0 --phone 101:secret1 --phone 102:secret2
 *
 * | number | what |
 * |---|---|
 * | 100, 101, 102 | somebody's phone; who does not answer has voicemail |
 * | 600 | sales: several phones ring |
 * | 500 | for callers from outside: by day a menu, at night they can leave a message |
 * | 701 … 709 | fetches the call that is parked there |
 * | `*97` | your voicemail |
 * | `*8` | night service: on, off, and by the clock again |
 *
 * Who talks on one of the phones can send the other one on: `102#` sends it to 102; `102*` calls 102 first, then `#` puts it
 * through and `*` does not; `700#` parks it.
 */
import {
  app,
  type BridgeEnd,
  type BridgeOptions,
  type Call,
  type CallOutcome,
  spoken,
  tone,
  voicemail,
  type YateWithCalls,
} from "yayts";

export const office = {
  /** The phones, by the number with which they register, and the PINs of their voicemail. */
  phones: { "100": "1234", "101": "1234", "102": "1234" } as Record<string, string>,
  /** Numbers at which several phones ring. Who finds nobody there can leave a message. */
  groups: { "600": { phones: ["101", "102"], mailbox: "101" } } as Record<string, Group>,
  /** For callers from outside, who can dial extensions as well. */
  main: { number: "500", keys: { "2": "600", "0": "100" } as Record<string, string>, mailbox: "100" },
  ringMs: 20_000,
  /** A call that nobody fetches in time goes back to the phone that parked it. */
  parking: { number: "700", slots: [701, 709] as const, timeoutMs: 120_000 },
  /** Days from Sunday, 0, to Saturday, 6. */
  open: { days: [1, 2, 3, 4, 5], fromHour: 9, toHour: 17 },
  voicemail: { number: "*97", folder: "voicemail" },
  nightNumber: "*8",
};

interface Group {
  readonly phones: readonly string[];
  readonly mailbox: string;
}

/** What somebody has pressed: `sent` is to go to `number`. */
interface Order {
  readonly by: Call;
  readonly sent: Call;
  readonly number: string;
}

export default app((yate) => smallOffice(yate), { prompts: new URL("./sounds/", import.meta.url) });

export function smallOffice(yate: YateWithCalls, settings = office): void {
  const { phones, groups, main, parking, open } = settings;
  const mail = voicemail({ folder: settings.voicemail.folder });
  const extensions = [...Object.keys(phones), ...Object.keys(groups)];
  /** What was dialled by hand; undefined: by the clock. */
  let night: boolean | undefined;

  // Strangers reach the main number only. A phone is asked for its password, and is who it has proved to be.
  yate.handle("call.route", { priority: 30 }, (route) => {
    const user = route.get("username");
    if (user) route.set("caller", user);
    if (user || route.get("newcall") !== "true" || route.get("called") === main.number) return false;
    route.set("error", "noauth");
    return "-";
  });

  // Calls to a number come to us before they come to the phone. When it is us who call the phone, they do not.
  const toPhone = { params: { to_phone: true } };
  yate.onCall(
    (route) => extensions.includes(route.get("called") ?? "") && !route.get("to_phone"),
    { priority: 40 },
    (call) => connect(call, call.to),
  );

  yate.onCall(main.number, async (call) => {
    await call.answer();
    await call.play("welcome");
    if (isNight()) {
      await call.play("small-office/closed");
      return void (await mail.mailbox(main.mailbox).leave(call));
    }
    const chosen = await call.menu({
      prompt: "small-office/main",
      invalidPrompt: "invalid",
      choices: { ...Object.fromEntries(extensions.map((number) => [number, number])), ...main.keys },
    });
    await (chosen.kind === "choice" ? connect(call, chosen.choice) : call.play("goodbye"));
  });

  yate.onCall(/^7\d\d$/, async (call) => {
    await call.answer();
    const end = await talk(call, (options) => call.pickup(call.to, options));
    if (end.kind === "failed") await call.play("unavailable");
  });

  yate.onCall(settings.voicemail.number, async (call) => {
    const pin = phones[call.from];
    if (pin) await mail.mailbox(call.from).listen(call, { pin });
    else await call.reject("forbidden");
  });

  yate.onCall(settings.nightNumber, async (call) => {
    if (!phones[call.from]) return void (await call.reject("forbidden"));
    night = night === undefined ? true : night ? false : undefined;
    await call.answer();
    await call.play(isNight() ? "small-office/night" : "small-office/day");
  });

  function isNight(now = new Date()): boolean {
    const isOpen =
      open.days.includes(now.getDay()) && now.getHours() >= open.fromHour && now.getHours() < open.toHour;
    return night ?? !isOpen;
  }

  /** Lets a party talk to who answers a number, or leave a message. */
  async function connect(party: Call, number: string): Promise<void> {
    const rung = await ring(party, groups[number]?.phones ?? [number]);
    if (rung.kind === "answered") {
      await talk(party, (options) => party.bridge(rung.call, options));
      await rung.call.hangup();
    } else await mail.mailbox(groups[number]?.mailbox ?? number).leave(party);
    await party.hangup();
  }

  async function ring(party: Call, targets: readonly string[]): Promise<CallOutcome> {
    const { from, fromName, signal } = party;
    // Before the answer, a caller's own phone makes the sound.
    const sound = party.state === "answered" ? party.play(tone("ring")) : undefined;
    const options = { from, fromName, signal, timeoutMs: settings.ringMs, ...toPhone };
    const rung = await yate.call(targets, options);
    await sound?.stop();
    return rung;
  }

  /** Resolves when two have talked, and whoever was sent on has talked there. */
  async function talk(call: Call, begin: (options: BridgeOptions) => Promise<BridgeEnd>): Promise<BridgeEnd> {
    const typed = { this: "", other: "" };
    let order: Order | undefined;
    const end = await begin({
      keepOther: true,
      onKey(key, side) {
        if (!call.peer) return;
        const [by, sent] = side === "this" ? [call, call.peer] : [call.peer, call];
        typed[side] += key;
        const [, number, how] = /(?:^|\D)(\d{3})([#*])$/.exec(typed[side]) ?? [];
        if (!number || !phones[numberOf(by)]) return;
        if (how === "*" && phones[number]) void sent.attendedTransfer(number, toPhone);
        if (how === "#" && [...extensions, parking.number].includes(number)) {
          order = { by, sent, number };
          void call.unbridge();
        }
      },
    });
    if (order) await send(order);
    return end;
  }

  async function send({ by, sent, number }: Order): Promise<void> {
    if (number === parking.number) return await park(sent, by);
    void by.hangup();
    await connect(sent, number);
  }

  async function park(sent: Call, by: Call): Promise<void> {
    const parked = await sent.park({ ...parking, music: "music" });
    if (parked.kind !== "parked") {
      await by.play("unavailable");
      return void (await talk(sent, (options) => sent.bridge(by, options)));
    }
    void by.play(["small-office/parked", spoken.digits(parked.slot)]).then(() => by.hangup());
    const end = await parked.ended;
    if (end.kind === "timeout") await connect(sent, numberOf(by));
    // Who has fetched it has sent it on.
    else if (end.kind === "ended" && end.by === "unbridged") await sent.ended;
    else await sent.hangup();
  }

  function numberOf({ direction, from, to }: Call): string {
    return direction === "incoming" ? from : to;
  }
}
