/**
 * office: the rules of a house whose phones are registered with the engine. A phone rings by its number.
 *
 *     npx yayts dev examples/office.ts --phone 100:secret1 --phone 200:secret2
 *
 * | | |
 * |---|---|
 * | a phone calls | it must have proved that it is one of the house |
 * | a phone transfers, by its own button (REFER) | is told, and goes anywhere but to numbers with 0 in front, which are outside |
 * | a phone transfers by keys | as in pbx.ts, by the same rules |
 */
import { app, type IncomingMessage, type Yate } from "yayts";
import { pbx } from "./pbx.ts";

export default app((yate) => office(yate));

/** @param tell is told of each transfer by a phone */
export async function office(yate: Yate, tell: (text: string) => void = console.log): Promise<void> {
  // Before everybody who routes: where a call may go is asked once, whoever sends it there.
  yate.handle("call.route", { priority: 50 }, (route) => {
    const called = route.get("called") ?? "";
    // Only what a phone dials has `newcall`. A transfer has not, nor has a call of the provider or of an app.
    const dialled = route.get("newcall") === "true";
    // "Who are you?" The phone calls again with its password, and comes by here once more, with its user name.
    if (dialled && !route.get("username")) return refuse(route, "noauth");
    if (!dialled && called.startsWith("0")) return refuse(route, "forbidden");
    if (!dialled && route.get("reason") === "transfer")
      tell(`${route.get("caller")} is transferred to ${called}`);
    return false; // to those who know where the number is
  });
  // The numbers that pbx routes come from this app, too: they are to meet the rule above.
  await yate.setlocal("reenter", true);
  await pbx(yate);
}

/** The error is what the phone shows: 401, 403, … */
function refuse(route: IncomingMessage<"call.route">, error: string): string {
  route.set("error", error);
  return "-";
}
