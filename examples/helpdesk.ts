/**
 * helpdesk: callers wait in line for two agents, with music and their position.
 *
 *     npx yayts dev examples/helpdesk.ts --phone 100:secret1 --phone 101:secret2
 *
 * | number | what |
 * |---|---|
 * | 800 | the help desk; `#` leaves a message instead of waiting, and so does who has waited for two minutes |
 * | 801, 802 | an agent logs in or out by calling from its phone |
 * | 803 | the messages; PIN 1234 |
 *
 * HELPDESK_AGENTS are the agents' numbers, default 100,101; HELPDESK_PIN and HELPDESK_FOLDER (./voicemail) are of the messages.
 */
import { app, type CallQueue, type QueueEvent, voicemail, type YateWithCalls } from "yayts";

export const helpdeskSettings = {
  agents: (process.env.HELPDESK_AGENTS ?? "100,101").split(","),
  pin: process.env.HELPDESK_PIN ?? "1234",
  folder: process.env.HELPDESK_FOLDER ?? "voicemail",
  wrapUpMs: 10_000,
  announceEveryMs: 20_000,
  maxWaitMs: 120_000,
};

export default app((yate) => helpdesk(yate), { prompts: new URL("./sounds/", import.meta.url) });

/** @param tell is told what happens in the queue */
export async function helpdesk(
  yate: YateWithCalls,
  { agents, pin, folder, ...times } = helpdeskSettings,
  tell: (text: string) => void = console.log,
): Promise<void> {
  const queue = yate.queue("helpdesk", { music: "music", ...times });
  for (const id of agents) await queue.agents.add({ id });
  const mailbox = voicemail({ folder }).mailbox("helpdesk");

  yate.onCall("800", async (call) => {
    await call.answer();
    await call.play(["welcome", "helpdesk/how-it-works"], { bargeIn: "#" });
    const end = await call.enqueue(queue, { bargeOut: "#" });
    if (end.kind === "served") await call.play(["thank-you", "goodbye"]);
    else if (end.kind !== "hangup") await mailbox.leave(call);
  });

  yate.onCall("801", async (call) => {
    const known = await queue.agents.resume(call.from);
    await call.answer();
    await call.play(known ? "helpdesk/logged-in" : "invalid");
  });

  yate.onCall("802", async (call) => {
    const known = await queue.agents.logout(call.from);
    await call.answer();
    await call.play(known ? "helpdesk/logged-out" : "invalid");
  });

  yate.onCall("803", (call) => mailbox.listen(call, { pin }));

  for await (const event of queue.events()) {
    tell(describe(event));
    if (event.kind === "finished" || event.kind === "abandoned") tell(figures(queue));
  }
}

function describe({ atMs, queue, kind, ...more }: QueueEvent): string {
  const details = Object.entries(more).map(([name, value]) => `${name} ${value}`);
  return `${new Date(atMs).toLocaleTimeString()} ${queue}: ${kind}, ${details.join(", ")}`;
}

function figures(queue: CallQueue): string {
  const { waiting, figures } = queue.snapshot();
  const { joined, answered, abandoned, averageWaitMs, serviceLevel } = figures;
  const seconds = Math.round(averageWaitMs / 1000);
  return `${waiting.length} waiting; of ${joined} calls ${answered} answered, after ${seconds} s on average (${Math.round(100 * serviceLevel)} % in time), ${abandoned} gave up`;
}
