import { YaytsError } from "../../base/index.ts";
import type { Playable } from "../sound/playable.ts";
import type { Fit } from "./collect.ts";
import { type Key, readCount, readKeys } from "./key.ts";
import { type Question, type QuestionOptions, readQuestion } from "./question.ts";

/**
 * What the keys of a menu choose, by one or more digits: a value; a function, whose result is the choice; or a
 * {@link submenu}.
 */
export type MenuChoices = Readonly<Record<string, unknown>>;

/** How to offer a menu. */
export interface MenuOptions<C extends MenuChoices = MenuChoices> extends QuestionOptions {
  /** Where one choice begins another (`1` and `12`), the gap of `betweenDigitsMs` or the finish key decides. */
  readonly choices: C;
  /** Played before the prompt when the key for it is pressed. */
  readonly help?: Playable | undefined;
  /** Key for `help`, default `#`. */
  readonly helpKey?: string | undefined;
  /** Key that plays the prompt again; true is `9`. Default none. */
  readonly repeat?: string | boolean | undefined;
  /** Key that leaves the menu, out of a submenu to the one above; true is `*`. Default none. */
  readonly back?: string | boolean | undefined;
  /** Key that asks for a person; true is `0`. Default none. */
  readonly operator?: string | boolean | undefined;
  /** Key that ends a choice that could go on, default `#` unless a choice or another key of the menu has it; `""` none. */
  readonly finishOn?: string | undefined;
  /** How often in all it is asked, when nothing or no choice was typed. Default 3. */
  readonly tries?: number | undefined;
}

/** A menu under a key of another. */
export interface Submenu<C extends MenuChoices = MenuChoices> {
  readonly kind: "submenu";
  readonly options: MenuOptions<C>;
}

/**
 * A menu to be put under a key of another. What it does not say itself it has from the one above: times, tries, barge-in,
 * the prompts for mistakes, `repeat`, `operator`; but neither prompt, help nor `back`.
 */
export function submenu<const C extends MenuChoices>(options: MenuOptions<C>): Submenu<C> {
  return { kind: "submenu", options };
}

/** What a choice's function returns to have the menu again. */
export interface Again {
  readonly kind: "again";
}

/** Returned by a choice's function: the menu is offered again. */
export const again: Again = { kind: "again" };

/** What a menu with these choices can give. */
export type ChosenOf<C> = { [K in keyof C]: Chosen<C[K]> }[keyof C];

type Chosen<V> =
  V extends Submenu<infer C>
    ? ChosenOf<C>
    : V extends (...args: never) => infer R
      ? Exclude<Awaited<R>, Again>
      : V;

/** What a key of a menu does. */
export type MenuAction =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "call"; readonly call: () => unknown }
  | { readonly kind: "submenu"; readonly menu: Menu }
  | { readonly kind: "help" | "repeat" | "back" | "operator" };

/** A menu whose options were looked at. */
export interface Menu extends Question {
  readonly actions: ReadonlyMap<string, MenuAction>;
  readonly help: Playable | undefined;
  readonly finishOn: ReadonlySet<Key>;
  readonly tries: number;
  fit(digits: string): Fit;
}

/** Throws `bad-argument`, for submenus too. */
export function readMenu(options: MenuOptions): Menu {
  const actions = new Map<string, MenuAction>();
  const add = (what: string, typed: string, action: MenuAction): void => {
    const code = readKeys(what, typed).join("");
    if (code === "") throw new YaytsError("bad-argument", `${what} must name a key`);
    const other = actions.get(code);
    if (other) throw new YaytsError("bad-argument", `${what} has the key ${code}, which is taken`);
    actions.set(code, action);
  };
  for (const [code, choice] of Object.entries(options.choices ?? {}))
    add("a choice", code, actionOf(choice, options));
  if (actions.size === 0) throw new YaytsError("bad-argument", "choices must have at least one key");
  if (options.help !== undefined) add("helpKey", options.helpKey ?? "#", { kind: "help" });
  for (const [kind, usual] of [
    ["repeat", "9"],
    ["back", "*"],
    ["operator", "0"],
  ] as const) {
    const key = options[kind] ?? false;
    if (key !== false) add(kind, key === true ? usual : key, { kind });
  }
  const codes = [...actions.keys()];
  return {
    ...readQuestion(options),
    actions,
    help: options.help,
    finishOn: readFinishOn(options.finishOn, codes),
    tries: readCount("tries", options.tries ?? 3, 1),
    fit: fitOf(codes),
  };
}

function actionOf(choice: unknown, above: MenuOptions): MenuAction {
  if (typeof choice === "function") return { kind: "call", call: () => choice() };
  if (!isSubmenu(choice)) return { kind: "value", value: choice };
  const ownOnly = { prompt: undefined, help: undefined, back: undefined, finishOn: undefined };
  return { kind: "submenu", menu: readMenu({ ...above, ...ownOnly, ...choice.options }) };
}

function isSubmenu(choice: unknown): choice is Submenu {
  return typeof choice === "object" && choice !== null && "kind" in choice && choice.kind === "submenu";
}

function readFinishOn(finishOn: string | undefined, codes: readonly string[]): ReadonlySet<Key> {
  if (finishOn === undefined)
    return codes.some((code) => code.includes("#")) ? new Set() : new Set(readKeys("finishOn", "#"));
  const keys = readKeys("finishOn", finishOn);
  const taken = keys.find((key) => codes.some((code) => code.includes(key)));
  if (taken) throw new YaytsError("bad-argument", `finishOn has the key ${taken}, which is taken`);
  return new Set(keys);
}

function fitOf(codes: readonly string[]): (digits: string) => Fit {
  return (digits) => {
    const longer = codes.some((code) => code.length > digits.length && code.startsWith(digits));
    if (codes.includes(digits)) return longer ? "enough" : "full";
    return longer ? "open" : "none";
  };
}
