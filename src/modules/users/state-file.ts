import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { errorText, type Timer } from "../../base/index.ts";
import type { Engine } from "../../engine/index.ts";
import type { Contact } from "./contact.ts";
import type { Registrations } from "./registrations.ts";

/** Registrations are written so long after the first change. */
const saveDelayMs = 1000;

/** Keeps registrations over restarts of the engine. */
export interface StateFile {
  /** Something has changed: it is written soon. */
  changed(): void;
  /** Writes at once what has changed. Never rejects: what cannot be written is reported. */
  close(): Promise<void>;
}

/**
 * Reads the registrations that a former engine left, and writes them when they change: as JSON, under another name first, so
 * that there is never half a file. What cannot be read is reported and counts as nothing.
 * @param knows users that are no more are left out
 */
export async function openStateFile(
  engine: Engine,
  path: string,
  registrations: Registrations,
  knows: (user: string) => boolean,
): Promise<StateFile> {
  for (const { user, contact, leftMs } of await read(engine, path)) {
    if (knows(user) && !contact.reliable && (leftMs === undefined || leftMs > 0))
      registrations.add(user, contact, leftMs);
  }
  let timer: Timer | undefined;
  let dirty = false;
  let failing = false;
  let writing = Promise.resolve();

  const save = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    try {
      await replaceFile(path, stateText(engine, registrations));
      failing = false;
    } catch (error) {
      // Once, not at each change; the next one that can be written has it all.
      if (!failing) engine.log.error(`regfile: cannot write ${path}: ${errorText(error)}`, { error });
      failing = true;
    }
  };
  const flush = (): Promise<void> => {
    timer?.cancel();
    timer = undefined;
    writing = writing.then(save);
    engine.clock.hold?.(writing);
    return writing;
  };
  return {
    changed() {
      dirty = true;
      timer ??= engine.clock.after(saveDelayMs, () => void flush(), { background: true });
    },
    close: flush,
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function stateText(engine: Engine, registrations: Registrations): string {
  const now = engine.clock.now();
  const users = [...registrations.all()].map(([user, contacts]) => ({
    user,
    // Oldest first, so that reading them in this order gives the same order again.
    contacts: contacts.toReversed().map(({ contact, leftMs }) => ({
      ...contact,
      expires: leftMs === undefined ? null : new Date(now + leftMs).toISOString(),
    })),
  }));
  return `${JSON.stringify({ kind: "yayts registrations", version: 1, users }, undefined, 1)}\n`;
}

interface Saved {
  readonly user: string;
  readonly contact: Contact;
  readonly leftMs: number | undefined;
}

async function read(engine: Engine, path: string): Promise<Saved[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    engine.log.warn(`regfile: cannot read ${path}, nobody is registered: ${errorText(error)}`, { error });
    return [];
  }
  let users: unknown;
  try {
    const whole: unknown = JSON.parse(text);
    users = field(whole, "kind") === "yayts registrations" ? field(whole, "users") : undefined;
  } catch {
    // Reported below.
  }
  if (!Array.isArray(users)) {
    engine.log.warn(`regfile: ${path} has no registrations written by this engine, nobody is registered`);
    return [];
  }
  const found: Saved[] = [];
  let bad = 0;
  for (const entry of users) {
    const user = field(entry, "user");
    const contacts = field(entry, "contacts");
    if (typeof user !== "string" || !Array.isArray(contacts)) {
      bad++;
      continue;
    }
    for (const saved of contacts) {
      const contact = readContact(saved);
      const expires = field(saved, "expires");
      const leftMs = typeof expires === "string" ? Date.parse(expires) - engine.clock.now() : undefined;
      if (!contact || (expires !== null && (leftMs === undefined || Number.isNaN(leftMs)))) bad++;
      else found.push({ user, contact, leftMs });
    }
  }
  if (bad > 0) engine.log.warn(`regfile: ${bad} entries of ${path} cannot be read and are left out`);
  return found;
}

function readContact(value: unknown): Contact | undefined {
  const text = (name: string): string => {
    const found = field(value, name);
    return typeof found === "string" ? found : "";
  };
  const route = field(value, "route");
  const data = text("data");
  if (data === "" || !Array.isArray(route) || !route.every(isPair)) return undefined;
  return {
    data,
    route,
    connection: text("connection"),
    reliable: field(value, "reliable") === true,
    instance: text("instance"),
    callId: text("callId"),
    uri: text("uri"),
  };
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
