import { errorText, YaytsError } from "../../base/index.ts";
import {
  type ConfigFile,
  type Engine,
  type EngineMessage,
  type EngineModule,
  type MaybePromise,
  toBoolean,
  toInteger,
} from "../../engine/index.ts";
import { type Decision, interpret, type NumberPlan } from "./interpret.ts";
import { compileRegexp, type PosixRegexp } from "./regexp.ts";
import { invalid, parseRules, type RuleOptions } from "./rules.ts";

/** Names the file in errors. */
const source = "regexroute.conf";

/** Sections that hold no rules. */
const notContexts = new Set(["priorities", "extra", "$once", "$init"]);

/**
 * A number plan in a file (spec/services.md §4): rules for `call.preroute`, `call.route` and any message named in
 * `[extra]`. Without a configuration `regexroute` it routes nothing. A plan that cannot be read stops the engine's start
 * with `config-invalid`; once read, no call can bring up an error in it.
 */
export function regexroute(): EngineModule {
  return {
    name: "regexroute",
    start(engine) {
      const config = engine.config("regexroute");
      if (config.sections.length === 0) return;
      const plan = readPlan(config);
      const settings = config.section("priorities");
      const track = toBoolean(settings?.get("trackparam")) ?? true;
      const trackName = track ? "regexroute" : undefined;
      const preroute = priority(config, "preroute");
      const prerouteAll = toBoolean(settings?.get("prerouteall")) ?? false;
      const route = priority(config, "route");

      if (preroute !== 0) {
        engine.install({
          name: "call.preroute",
          priority: preroute,
          trackName,
          receive(message) {
            const caller = message.get("caller") ?? "";
            if (!prerouteAll && (caller === "" || message.get("context"))) return false;
            return after(interpret(engine, plan, message, "contexts", caller), ({ handled, text = "" }) => {
              if (!handled) return false;
              if (text === "-" || text === "error") message.retvalue = text;
              else message.set("context", text);
              return true;
            });
          },
        });
      }
      if (route !== 0) {
        engine.install({
          name: "call.route",
          priority: route,
          trackName,
          receive(message) {
            const called = message.get("called") ?? "";
            if (called === "") return false;
            return answer(engine, plan, message, message.get("context") || "default", called);
          },
        });
      }
      installExtra(engine, plan, config, trackName);
    },
  };
}

/** Further messages: `<message>=<priority>[,<param>][,<context>][,<filter param>,<filter value>]`. */
function installExtra(
  engine: Engine,
  plan: NumberPlan,
  config: ConfigFile,
  trackName: string | undefined,
): void {
  for (const { key: name, value, line } of config.section("extra")?.entries ?? []) {
    const [number = "", param = "", context = "", filterName = "", ...filterText] = value.split(",");
    const extraPriority = toInteger(number.trim());
    if (extraPriority === undefined) invalid(source, line, `'${number}' is no priority`);
    const filterValue = filterText.join(",");
    const regexp = filterValue.startsWith("^") ? regexpAt(line, filterValue, readFlags(config)) : undefined;
    // The kernel's own filters are exact ones; a message that an expression keeps out gets no track of this handler.
    const trackParam = engine.runParams.get("trackparam");
    engine.install({
      name,
      priority: extraPriority,
      filter: filterName && !regexp ? { name: filterName, value: filterValue } : undefined,
      trackName: regexp ? undefined : trackName,
      receive(message) {
        if (regexp) {
          if (!regexp.exec(message.get(filterName) ?? "")) return false;
          if (trackParam && trackName) {
            const before = message.get(trackParam);
            message.set(trackParam, `${before ? `${before},` : ""}${trackName}:${extraPriority}`);
          }
        }
        const text = param ? (message.get(param) ?? "") : message.name;
        return answer(engine, plan, message, context || name, text);
      },
    });
  }
}

function answer(
  engine: Engine,
  plan: NumberPlan,
  message: EngineMessage,
  context: string,
  text: string,
): MaybePromise<boolean> {
  return after(interpret(engine, plan, message, context, text), (decision) => {
    if (decision.text !== undefined) message.retvalue = decision.text;
    return decision.handled;
  });
}

function after(work: MaybePromise<Decision>, fn: (decision: Decision) => boolean): MaybePromise<boolean> {
  return work instanceof Promise ? work.then(fn) : fn(work);
}

function priority(config: ConfigFile, name: string): number {
  return toInteger(config.section("priorities")?.get(name)) ?? 100;
}

function readFlags(config: ConfigFile): { extended: boolean; insensitive: boolean } {
  const settings = config.section("priorities");
  return {
    extended: toBoolean(settings?.get("extended")) ?? false,
    insensitive: toBoolean(settings?.get("insensitive")) ?? false,
  };
}

/** What counts as true, when a rule names no expression: all but nothing, words for false, and zeros. */
const usualDefault = "^\\(false\\|no\\|off\\|disable\\|f\\|0*\\)$";

/**
 * Reads a whole number plan.
 * @throws YaytsError `config-invalid` with file and line
 */
function readPlan(config: ConfigFile): NumberPlan {
  const settings = config.section("priorities");
  const flags = readFlags(config);
  const own = settings?.entries.findLast((entry) => entry.key === "defaultrule" && entry.value !== "");
  const negated = own === undefined || own.value.endsWith("^");
  const defaultRule = own
    ? { regexp: regexpAt(own.line, negated ? own.value.slice(0, -1) : own.value, flags), negated }
    : { regexp: compileRegexp(usualDefault), negated };
  const options: RuleOptions = { ...flags, defaultRule, source };
  const variables = new Map<string, string>();
  for (const section of ["$once", "$init"]) {
    for (const { key, value } of config.section(section)?.entries ?? []) variables.set(key, value);
  }
  return {
    contexts: new Map(
      config.sections
        .filter((section) => !notContexts.has(section.name))
        .map((section) => [section.name, parseRules(section, options)]),
    ),
    maxDepth: Math.min(100, Math.max(5, toInteger(settings?.get("maxdepth")) ?? 5)),
    variables,
  };
}

function regexpAt(
  line: number,
  text: string,
  flags: { extended: boolean; insensitive: boolean },
): PosixRegexp {
  try {
    return compileRegexp(text, flags);
  } catch (error) {
    if (error instanceof YaytsError) throw error;
    return invalid(source, line, errorText(error));
  }
}
