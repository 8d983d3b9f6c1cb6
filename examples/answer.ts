/**
 * answer: a number for every way a call can end, to test other programs with.
 *
 * | number | outcome |
 * |---|---|
 * | 12341 | answered: says welcome, hangs up after two seconds |
 * | 12342 | rings for a second, then nobody answers |
 * | 12343 | busy |
 * | 12344 | no such number |
 * | 12345 | one of these, by chance |
 *
 *     ANSWER_NUMBER=1234 npx yayts dev examples/answer.ts
 */
import { Abandoned, app, Disconnected, type IncomingMessage, sleep, type Yate } from "yayts";

const number = process.env.ANSWER_NUMBER ?? "1234";

/** A target that no module takes, so that it comes to us. */
const busyTarget = `answer-busy-${number}`;

type Outcome = (yate: Yate, route: IncomingMessage<"call.route">) => string | false;

const outcomes: readonly Outcome[] = [answered, unanswered, () => busyTarget, () => false];

const plan = new Map<string | undefined, Outcome>([
  ...outcomes.map((outcome, i): [string, Outcome] => [`${number}${i + 1}`, outcome]),
  [
    `${number}5`,
    (yate, route) => outcomes[Math.floor(Math.random() * outcomes.length)]?.(yate, route) ?? false,
  ],
]);

export default app((yate) => {
  yate.handle("call.route", (route) => plan.get(route.get("called"))?.(yate, route) ?? false);

  yate.handle("call.execute", { filter: { callto: busyTarget } }, (execute) => {
    execute.set("error", "busy").set("reason", "busy");
    return false;
  });
});

function answered(yate: Yate, route: IncomingMessage<"call.route">): string {
  const id = route.get("id") ?? "";
  const program = async (): Promise<void> => {
    const { leg, call } = await legOf(yate, id);
    call.msg("call.answered", { id: leg, targetid: id }).enqueue();
    const source = "wave/play/./sounds/en/welcome.gsm";
    call.msg("chan.masquerade", { message: "chan.attach", id: leg, source }).enqueue();
    await sleep(2000, { until: call.onwatch("chan.hangup", { id: leg }) });
    call.msg("call.drop", { id: leg }).enqueue();
  };
  program().catch(over);
  return "dumb/";
}

function unanswered(yate: Yate, route: IncomingMessage<"call.route">): string {
  const id = route.get("id") ?? "";
  const program = async (): Promise<void> => {
    const { leg, call } = await legOf(yate, id);
    await sleep(1000, { until: call.onwatch("chan.hangup", { id: leg }) });
    call.msg("call.drop", { id: leg, reason: "noanswer" }).enqueue();
  };
  program().catch(over);
  return "dumb/";
}

/** Our side of the call that channel `id` makes, and the engine as far as that call goes. */
async function legOf(yate: Yate, id: string): Promise<{ leg: string; call: Yate }> {
  const execute = await yate.onwatch("call.execute", { id }, { until: yate.onwatch("chan.hangup", { id }) });
  const leg = execute.get("targetid") ?? "";
  return { leg, call: yate.until(yate.onwatch("chan.hangup", { id: leg })) };
}

/** The end of the call, or of the engine, ends the program of the call too. Anything else is a mistake: show it. */
function over(error: unknown): void {
  if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
}
