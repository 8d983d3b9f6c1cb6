import type { Failed, HangUp } from "../outcomes.ts";
import type { CallSound } from "../sound/call-sound.ts";
import type { Playable } from "../sound/playable.ts";
import type { WhyInvalid } from "./collect.ts";
import {
  type Again,
  again,
  type ChosenOf,
  type Menu,
  type MenuAction,
  type MenuChoices,
  type MenuOptions,
  readMenu,
} from "./menu-options.ts";
import { type Asked, ask, tell } from "./question.ts";

/** What became of a menu. */
export type MenuOutcome<T> =
  /** `key` is what was typed for it, in a submenu the last; `path` all of it from the first menu on. */
  | { readonly kind: "choice"; readonly choice: T; readonly key: string; readonly path: readonly string[] }
  /** The caller wants out, or a person. */
  | { readonly kind: "back" | "operator"; readonly key: string }
  /** Nothing was typed in any of the tries, or the last of them. */
  | { readonly kind: "timeout"; readonly digits: string }
  /** What was typed in the last of the tries was no choice; `digits` up to the wrong key. */
  | { readonly kind: "invalid"; readonly digits: string; readonly why: WhyInvalid }
  | HangUp
  | Failed;

/** Offers a menu. Rejects with `bad-argument`, and with what the function of a choice throws. */
export async function menu<const C extends MenuChoices>(
  asked: Asked,
  sound: Pick<CallSound, "play">,
  options: MenuOptions<C>,
): Promise<MenuOutcome<ChosenOf<C>>> {
  const outcome = await offer(asked, sound, readMenu(options), []);
  // What the actions give is what readMenu made of the choices.
  return outcome as MenuOutcome<ChosenOf<C>>;
}

async function offer(
  asked: Asked,
  sound: Pick<CallSound, "play">,
  menu: Menu,
  path: readonly string[],
): Promise<MenuOutcome<unknown>> {
  using reader = asked.keys.open();
  let notice: Playable | undefined;
  for (let left = menu.tries; ; ) {
    const over = await asked.begin();
    if (over) return over;
    const answer = await ask(asked, sound, reader, menu, menu, notice);
    if (answer.kind === "hangup" || answer.kind === "failed") return answer;
    if (answer.kind !== "digits") {
      notice = answer.kind === "timeout" ? menu.timeoutPrompt : menu.invalidPrompt;
      asked.keys.flush();
      if (--left <= 0) return (await tell(asked, sound, reader, menu, [notice])) ?? answer;
      continue;
    }
    // `fit` lets nothing else through than what is a choice.
    const action = menu.actions.get(answer.digits) ?? { kind: "repeat" };
    const outcome = await act(asked, sound, action, [...path, answer.digits]);
    if (outcome.kind !== "again") return outcome;
    notice = action.kind === "help" ? menu.help : undefined;
    // Who went somewhere and came back begins anew; help and repetition do not make up for mistakes.
    if (action.kind === "call" || action.kind === "submenu") left = menu.tries;
  }
}

function isAgain(choice: unknown): choice is Again {
  return choice === again;
}

/** Does what a key is for; `again` is that the menu is to be offered again. */
async function act(
  asked: Asked,
  sound: Pick<CallSound, "play">,
  action: MenuAction,
  path: readonly string[],
): Promise<MenuOutcome<unknown> | { readonly kind: "again" }> {
  const key = path.at(-1) ?? "";
  switch (action.kind) {
    case "help":
    case "repeat":
      return { kind: "again" };
    case "back":
    case "operator":
      return { kind: action.kind, key };
    case "value":
      return { kind: "choice", choice: action.value, key, path };
    case "call": {
      const choice = await action.call();
      return isAgain(choice) ? choice : { kind: "choice", choice, key, path };
    }
    case "submenu": {
      const outcome = await offer(asked, sound, action.menu, path);
      return outcome.kind === "back" ? { kind: "again" } : outcome;
    }
  }
}
