import {
  type ConfigFile,
  type ConfigSection,
  type Engine,
  type EngineMessage,
  type EngineModule,
  toBoolean,
  toInteger,
} from "../../engine/index.ts";
import type { RegistrationEntry } from "../../trace/index.ts";
import type { Tap } from "../trace/index.ts";
import { type Contact, contactOf } from "./contact.ts";
import { fillParams } from "./param-text.ts";
import { createRegistrations, type Registrations } from "./registrations.ts";
import { openStateFile, type StateFile } from "./state-file.ts";

/** Most users that `autocreate` makes; whoever comes then is refused. */
const maxCreated = 10_000;
const sweepSeconds = 5;
/** Keys of a user's section that are not for messages. */
const ownKeys = new Set(["password", "alternatives"]);

/** How to make the module. */
export interface RegfileOptions {
  /** Who may ask who is registered. Default: nobody but by `engine.status`. */
  readonly tap?: Pick<Tap, "registrations"> | undefined;
}

/**
 * Users from a configuration file (spec/services.md §6, spec/sip.md §9). `regfile.conf`: in `[general]` `autocreate`, `file` (where
 * registrations are kept over restarts; `${param}` of the engine is filled in) and the priorities `auth`, `register`, `route`;
 * each other section is a user, with `password`, `alternatives` (more numbers, several users may have the same) and what is to be
 * set in the messages of that user's calls.
 *
 * A user may be registered with up to ten telephones; a call to the user rings them all.
 */
export function regfile({ tap }: RegfileOptions = {}): EngineModule {
  return {
    name: "regfile",
    async start(engine) {
      const config = engine.config("regfile");
      const general = config.section("general");
      const warn = (text: string): void => engine.log.warn(`regfile: ${text}`);
      const users = readUsers(config);
      const create = toBoolean(general?.get("autocreate"));
      if (general?.get("autocreate") && create === undefined)
        warn(`[general] autocreate=${general.get("autocreate")} is neither yes nor no`);
      const registrations = createRegistrations(engine.clock);
      tap?.registrations.push(() => phones(engine, registrations));
      const file = statePath(engine, general);
      const state = file
        ? await openStateFile(engine, file, registrations, (user) => create === true || users.has(user))
        : undefined;
      engine.own(() => state?.close());
      installUsers({
        engine,
        users,
        sharing: readAlternatives(users),
        autocreate: create ?? false,
        registrations,
        state,
        general,
        warn,
      });
    },
  };
}

interface Home {
  readonly engine: Engine;
  readonly users: ReadonlyMap<string, ConfigSection>;
  readonly sharing: ReadonlyMap<string, readonly string[]>;
  readonly autocreate: boolean;
  readonly registrations: Registrations;
  readonly state: StateFile | undefined;
  readonly general: ConfigSection | undefined;
  warn(text: string): void;
}

function readUsers(config: ConfigFile): Map<string, ConfigSection> {
  const users = config.sections.filter(({ name }) => name !== "general" && name !== "");
  return new Map(users.map((section) => [section.name, section]));
}

/** The users that have a number among their `alternatives`, by number, in the order of the file. */
function readAlternatives(users: ReadonlyMap<string, ConfigSection>): Map<string, string[]> {
  const byNumber = new Map<string, string[]>();
  for (const section of users.values()) {
    const numbers = (section.get("alternatives") ?? "").split(",").map((number) => number.trim());
    for (const number of new Set(numbers)) {
      if (number !== "") byNumber.set(number, [...(byNumber.get(number) ?? []), section.name]);
    }
  }
  return byNumber;
}

function statePath({ runParams }: Engine, general: ConfigSection | undefined): string | undefined {
  const path = general?.get("file");
  return path?.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => runParams.get(name) ?? "") || undefined;
}

function installUsers(home: Home): void {
  const { engine, registrations, state, general } = home;
  const priorityOf = (key: string): number => {
    const text = general?.get(key);
    const number = toInteger(text);
    if (text && number === undefined) home.warn(`[general] ${key}=${text} is not a priority`);
    return number ?? 100;
  };
  const install = (
    name: string,
    priority: number,
    receive: (message: EngineMessage) => boolean,
    off = "",
  ): void => {
    engine.install({
      name,
      priority,
      trackName: "regfile",
      receive: (message) => (off === "" || message.flag(off, true) ? receive(message) : false),
    });
  };
  install("user.auth", priorityOf("auth"), (message) => authenticate(home, message), "auth_regfile");
  const register = priorityOf("register");
  install("user.register", register, (message) => registerUser(home, message), "register_regfile");
  install("user.unregister", register, (message) => unregisterUser(home, message), "register_regfile");
  install("call.route", priorityOf("route"), (message) => route(home, message), "route_regfile");

  let seconds = 0;
  install("engine.timer", 100, () => {
    seconds = (seconds + 1) % sweepSeconds;
    if (seconds !== 0) return false;
    const expired = registrations.sweep();
    for (const user of expired) engine.log.debug(`regfile: a registration of ${user} has expired`);
    if (expired.length > 0) state?.changed();
    return false;
  });
  install("engine.status", 100, (message) => status(home, message));
  install("engine.command", 100, (message) => {
    if (message.get("line") !== undefined || message.get("partline") !== "status") return false;
    if ("regfile".startsWith(message.get("partword") ?? ""))
      message.retvalue += `${message.retvalue ? "\t" : ""}regfile`;
    return false;
  });
}

/** Sets what a user's section says for messages of that user; each value may use those before it. */
function setOwn(section: ConfigSection, message: EngineMessage): void {
  for (const { key, value } of section.entries)
    if (!ownKeys.has(key)) message.set(key, fillParams(value, message));
}

/** The password goes to the driver that asked; it is compared there. */
function authenticate({ users }: Home, message: EngineMessage): boolean {
  const section = users.get(message.get("username") ?? "");
  const password = section?.get("password");
  if (!section || password === undefined) return false;
  message.retvalue = password;
  setOwn(section, message);
  return true;
}

function registerUser(home: Home, message: EngineMessage): boolean {
  const { engine, users, registrations } = home;
  const user = message.get("username") ?? "";
  const contact = contactOf(message);
  const seconds = message.integer("expires", 0);
  if (user === "" || user === "general" || !contact || seconds < 0) return false;
  if (!users.has(user)) {
    if (!home.autocreate) return false;
    if (registrations.contacts(user).length === 0 && registrations.users >= maxCreated) {
      home.warn(`${user} is refused: ${maxCreated} users are registered`);
      return false;
    }
  }
  const gone = registrations.add(user, contact, seconds === 0 ? undefined : seconds * 1000);
  if (gone) home.warn(`${user} has too many telephones; ${gone.data} is registered no more`);
  engine.log.debug(`regfile: ${user} is registered at ${contact.data}`);
  home.state?.changed();
  return true;
}

/** With `data` that contact, without all of the user; without a user all that came over `connection_id`. */
function unregisterUser({ engine, registrations, state }: Home, message: EngineMessage): boolean {
  const user = message.get("username") ?? "";
  if (user === "") {
    const connection = message.get("connection_id") ?? "";
    const gone = connection === "" ? [] : registrations.removeConnection(connection);
    for (const one of gone) engine.log.debug(`regfile: the connection of ${one} is down`);
    if (gone.length > 0) state?.changed();
    return false;
  }
  const removed = registrations.remove(user, contactOf(message));
  if (removed) state?.changed();
  return removed;
}

function route({ users, sharing, registrations }: Home, message: EngineMessage): boolean {
  const caller = users.get(message.get("caller") ?? "");
  if (caller) setOwn(caller, message);
  const called = message.get("called") ?? "";
  if (called === "" || called === "general") return false;
  let contacts: readonly Contact[] = registrations.contacts(called);
  let known = users.has(called);
  if (contacts.length === 0 && !known) {
    const owners = sharing.get(called) ?? [];
    known = owners.length > 0;
    contacts = owners.flatMap((user) => registrations.contacts(user));
  }
  const [first, ...others] = contacts;
  if (!first) {
    if (known) message.set("error", "offline");
    return false;
  }
  if (others.length === 0) {
    message.retvalue = first.data;
    for (const [name, value] of first.route) message.set(name, value);
    return true;
  }
  message.retvalue = "fork";
  for (const [at, contact] of contacts.entries()) {
    message.set(`callto.${at + 1}`, contact.data);
    for (const [name, value] of contact.route) message.set(`callto.${at + 1}.${name}`, value);
  }
  return true;
}

function status({ users, autocreate, registrations }: Home, message: EngineMessage): false {
  const wanted = message.get("module") ?? "";
  if (wanted !== "" && wanted !== "regfile" && wanted !== "misc") return false;
  const all = registrations.all();
  let line = `name=regfile,type=misc;create=${autocreate},defined=${users.size},users=${all.size}`;
  if (message.flag("details", true) && all.size > 0) {
    const items = [...all].map(
      ([user, contacts]) => `${user}=${contacts.map(({ contact }) => harmless(contact.data)).join("|")}`,
    );
    line += `;${items.join(",")}`;
  }
  message.retvalue += `${line}\r\n`;
  return false;
}

function phones({ clock }: Engine, registrations: Registrations): RegistrationEntry[] {
  return [...registrations.all()].flatMap(([name, contacts]) =>
    contacts.map(({ contact: { data: where }, leftMs }) => ({
      kind: "phone" as const,
      name,
      where,
      status: "registered",
      untilMs: leftMs === undefined ? undefined : clock.now() + leftMs,
    })),
  );
}

/** What would end the item or the line is a question mark. */
function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f,]/g, "?");
}
