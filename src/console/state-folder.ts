import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Logger } from "../base/index.ts";
import { isToken, makeToken } from "./token.ts";

/**
 * Where the console keeps what outlives it, its tokens and its certificate: `yayts/console` in `$XDG_STATE_HOME`, else in
 * `~/.local/state`; on Windows in `%LOCALAPPDATA%`.
 */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const windows = process.platform === "win32";
  const given = (windows ? environment.LOCALAPPDATA : environment.XDG_STATE_HOME) ?? "";
  const home = join(homedir(), ...(windows ? ["AppData", "Local"] : [".local", "state"]));
  return join(isAbsolute(given) ? given : home, "yayts", "console");
}

/** A token that nobody used for so long is replaced: its link may lie about anywhere by then. */
const tokenLifeMs = 30 * 24 * 3600 * 1000;

/**
 * The token of a console, the same one each time it is started for the same thing, so that a page that is open comes back.
 * Kept in a file that only this user reads; when that cannot be written, the token is for this time only.
 * @param what what the console is for: an app's file, an engine's address
 */
export async function keptToken(
  folder: string,
  what: string,
  log: Logger,
): Promise<{ readonly token: string; readonly known: boolean }> {
  const name = createHash("sha256").update(what).digest("hex").slice(0, 16);
  const file = join(folder, `token-${name}`);
  const token = await readKept(file);
  if (token !== undefined) return { token, known: true };
  const made = makeToken();
  await removeOld(folder);
  await keepFile(folder, file, made).catch((error: unknown) => {
    log.warn(`the console's link is for this time only: ${file} cannot be written`, { error });
  });
  return { token: made, known: false };
}

/** Those of apps that are gone, or moved. */
async function removeOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const file of names.filter((name) => name.startsWith("token-")).map((name) => join(folder, name))) {
    const found = await stat(file).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > tokenLifeMs) await rm(file, { force: true });
  }
}

async function readKept(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, mode } = await stat(file);
    const open = process.platform !== "win32" && (mode & 0o077) !== 0;
    if (open || Date.now() - mtimeMs > tokenLifeMs) return undefined;
    const token = (await readFile(file, "utf8")).trim();
    if (!isToken(token)) return undefined;
    const now = new Date();
    await utimes(file, now, now);
    return token;
  } catch {
    // There is none yet.
    return undefined;
  }
}

/** Writes a file for this user alone, whole or not at all. */
export async function keepFile(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, file);
}
