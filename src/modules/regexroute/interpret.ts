import {
  carry,
  type Engine,
  type EngineMessage,
  endpointOf,
  type MaybePromise,
  toBoolean,
} from "../../engine/index.ts";
import { callFunction, type FunctionContext } from "./functions.ts";
import type { Assignment, Condition, ConditionChain, Rule } from "./rules.ts";
import { fillTemplate, type Template } from "./template.ts";

/** A number plan ready for use. */
export interface NumberPlan {
  readonly contexts: ReadonlyMap<string, readonly Rule[]>;
  /** Deepest nest of jumps and includes. */
  readonly maxDepth: number;
  /** Shared by all messages. */
  readonly variables: Map<string, string>;
}

/** What the rules decided: nothing, or that the message is handled, with or without a text. */
export interface Decision {
  readonly handled: boolean;
  readonly text: string | undefined;
}

const undecided: Decision = { handled: false, text: undefined };

/** What a rule did: go on with the next, or leave its context with a decision. */
type Step = Decision | "next";

/** Something to wait for; the interpreter runs without a pause as long as there is nothing. */
type Work<T> = Generator<Promise<unknown>, T, unknown>;

/** How deep `dispatch` actions are nested, by the message that was dispatched. */
const depths = new WeakMap<EngineMessage, number>();

/** Runs the rules of `context` on `message`, matching `text` first (spec/services.md §4). */
export function interpret(
  engine: Engine,
  plan: NumberPlan,
  message: EngineMessage,
  context: string,
  text: string,
): MaybePromise<Decision> {
  const work = new Run(engine, plan, message, text).context(context, 0);
  const begun = work.next();
  if (begun.done) return begun.value;
  return (async () => {
    let step: IteratorResult<Promise<unknown>, Decision> = begun;
    while (!step.done) {
      await step.value;
      step = work.next();
    }
    return step.value;
  })();
}

/** One message on its way through the rules. */
class Run {
  readonly #engine: Engine;
  readonly #plan: NumberPlan;
  readonly #message: EngineMessage;
  readonly #functions: FunctionContext;
  /** What expressions without a subject match; `match` changes it, also for the context that included this one. */
  #text: string;
  #captures: readonly string[] = [];
  /** With `trace_to_msg`, what happened is told in the message. */
  readonly #traced: boolean;
  #traces = 0;

  constructor(engine: Engine, plan: NumberPlan, message: EngineMessage, text: string) {
    this.#engine = engine;
    this.#plan = plan;
    this.#message = message;
    this.#text = text;
    this.#traced = message.flag("trace_to_msg", false);
    this.#functions = {
      engine,
      message,
      variables: plan.variables,
      depth: depths.get(message) ?? 0,
      warn: (what) => engine.log.warn(`regexroute: ${what}`),
    };
  }

  *context(name: string, depth: number): Work<Decision> {
    if (depth > this.#plan.maxDepth) {
      this.#engine.log.warn(
        `regexroute: possible loop: more than ${this.#plan.maxDepth} contexts are nested, the last is '${name}'`,
      );
      return undecided;
    }
    this.#trace(() => `Searching match for ${this.#text}`);
    const step = yield* this.#rules(this.#plan.contexts.get(name) ?? [], name, depth);
    const decision = step === "next" ? undecided : step;
    if (depth === 0)
      this.#trace(() =>
        decision.handled
          ? `Routing call to '${this.#text}' in context '${name}' via '${decision.text ?? ""}'`
          : `Could not route call to '${this.#text}' in context '${name}'`,
      );
    return decision;
  }

  *#rules(rules: readonly Rule[], context: string, depth: number): Work<Step> {
    for (const rule of rules) {
      let step: Step = "next";
      if (rule.kind === "block") {
        for (const branch of rule.branches) {
          if (branch.when && !this.#holds(branch.when, context, branch)) continue;
          step = yield* this.#rules(branch.rules, context, depth);
          break;
        }
      } else if (this.#holds(rule.when, context, rule)) step = yield* this.#act(rule, context, depth);
      if (step !== "next") return step;
    }
    return "next";
  }

  #holds(
    when: ConditionChain,
    context: string,
    rule: { readonly number: number; readonly source: string },
  ): boolean {
    let held = this.#matches(when.first);
    for (const { word, condition } of when.more) {
      if (word === "and" && !held) break;
      if (word === "and" || !held) held = this.#matches(condition);
    }
    this.#trace(() => `Matched:${held} ${context}:${rule.number} - ${rule.source}`);
    return held;
  }

  #matches({ subject, regexp, negated }: Condition): boolean {
    const found = regexp.exec(subject ? this.#fill(subject, []) : this.#text);
    if ((found !== undefined) === negated) return false;
    this.#captures = negated || !found ? [] : capturesOf(found);
    return true;
  }

  *#act(rule: Rule & { kind: "rule" }, context: string, depth: number): Work<Step> {
    const { action } = rule;
    const { log } = this.#engine;
    const message = this.#message;
    const text = this.#fill(action.text).trim();
    const sends = action.kind === "enqueue" || action.kind === "dispatch";
    if (!sends) for (const assignment of action.assignments) this.#assign(assignment, message);
    switch (action.kind) {
      case "result":
        if (text === "") return "next";
        log.debug(`regexroute: '${this.#text}' in context '${context}' goes to '${text}'`);
        return { handled: true, text };
      case "noop":
        return "next";
      case "return":
        return { handled: toBoolean(text) ?? false, text: undefined };
      case "goto":
      case "include": {
        if (!this.#plan.contexts.has(text)) {
          if (!action.quiet)
            log.warn(`regexroute: there is no context '${text}' (rule ${rule.source} of '${context}')`);
          return action.kind === "goto" ? undecided : "next";
        }
        const decision = yield* this.context(text, depth + 1);
        return action.kind === "goto" || decision.handled ? decision : "next";
      }
      case "match":
        this.#text = text;
        return "next";
      case "rename":
        if (text !== "") message.name = text;
        return "next";
      case "retval":
        message.retvalue = text;
        return "next";
      case "echo":
        log.info(text);
        return "next";
      case "debug":
        this.#debug(text);
        return "next";
      case "enqueue":
      case "dispatch":
        yield* this.#send(action.kind, text, action.assignments);
        return "next";
      case "msleep": {
        const ms = Number(/^\d{1,9}$/.exec(text)?.[0] ?? 0);
        if (ms > 0) yield new Promise<void>((resolve) => void this.#engine.clock.after(ms, resolve));
        return "next";
      }
    }
  }

  /** Sends a message of the rules' own; it has the parameters given and nothing else. */
  *#send(how: "enqueue" | "dispatch", name: string, assignments: readonly Assignment[]): Work<void> {
    if (name === "") return;
    const { kernel } = this.#engine;
    const message = this.#engine.message(name, undefined, this.#message.userData);
    for (const assignment of assignments) this.#assign(assignment, message);
    if (how === "enqueue") {
      const endpoint = endpointOf(message);
      if (endpoint) carry(message, endpoint);
      kernel.enqueue(message);
      return;
    }
    depths.set(message, this.#functions.depth + 1);
    const handled = kernel.dispatch(message);
    if (typeof handled !== "boolean") yield handled;
  }

  #assign({ global, name, value }: Assignment, target: EngineMessage): void {
    const to = this.#fill(name).trim();
    if (to === "") return;
    const { variables } = this.#plan;
    if (value === undefined) {
      if (global) variables.delete(to);
      else target.delete(to);
      return;
    }
    const text = this.#fill(value).trim();
    if (global) variables.set(to, text);
    else target.set(to, text);
  }

  #fill(template: Template, captures: readonly string[] = this.#captures): string {
    return fillTemplate(
      template,
      {
        capture: (index) => captures[index] ?? "",
        param: (name) => this.#message.get(name),
        call: (name, args) => callFunction(name, args, this.#functions),
      },
      (name) => this.#plan.variables.get(name) ?? "",
    );
  }

  #debug(text: string): void {
    const [, level, rest] = /^(\d+)\s+(.*)$/s.exec(text) ?? [];
    const { log } = this.#engine;
    const line = rest ?? text;
    const number = Number(level ?? 10);
    if (number <= 2) log.error(line);
    else if (number <= 5) log.warn(line);
    else if (number <= 8) log.info(line);
    else log.debug(line);
  }

  #trace(line: () => string): void {
    if (!this.#traced) return;
    this.#message.set(`trace_msg_${this.#traces++}`, line()).set("trace_msg_count", this.#traces);
  }
}

/** Where no group took part in a match, `\1` is the whole match, as in the reference engine. */
function capturesOf(found: readonly (string | undefined)[]): readonly string[] {
  const [whole = "", ...groups] = found;
  return groups.some((group) => group !== undefined) ? found.map((text) => text ?? "") : [whole, whole];
}
