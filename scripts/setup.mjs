import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const modules = resolve(root, "node_modules");
const stampFile = resolve(modules, ".yayts-setup");
const lockFile = resolve(modules, ".yayts-setup.lock");
const bin = resolve(modules, ".bin");
/** `npx yayts` in the checkout runs the source. */
const command = resolve(bin, "yayts");

/** What went wrong while setting up, told to the user without a stack. */
export class SetupError extends Error {}

/**
 * Makes the checkout ready to work in: installs when the stamp in node_modules does not fit what is asked
 * for, and links node_modules/yayts to the checkout itself, so that examples and tests import "yayts".
 * Resolves to the Node to run everything on, and the environment that puts it first.
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>}
 */
export async function ensureSetup() {
  if (!ready()) {
    mkdirSync(modules, { recursive: true });
    await locked(() => {
      if (!installed()) install();
      link();
    });
  }
  return { node: findNode(), env: { ...process.env, PATH: bin + delimiter + (process.env.PATH ?? "") } };
}

function ready() {
  return installed() && linked();
}

function installed() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted();
}

/** A hash of all that decides what is installed; other changes of package.json need no installation. */
function wanted() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of ["package.json", "examples/package.json", "page/package.json"]) {
    const path = resolve(root, file);
    if (!existsSync(path)) continue;
    const p = JSON.parse(readFileSync(path, "utf8"));
    const asked = [
      p.workspaces,
      p.dependencies,
      p.devDependencies,
      p.optionalDependencies,
      p.peerDependencies,
    ];
    hash.update(`${file} ${JSON.stringify(asked)}\n`);
  }
  const lock = resolve(root, "package-lock.json");
  if (existsSync(lock)) hash.update(readFileSync(lock));
  return hash.digest("hex");
}

function install() {
  const started = Date.now();
  process.stderr.write("installing… ");
  // `npm ci` would want every optional platform package that the lock names, and a registry may lack some
  // of them. With --no-save neither package.json nor the lock changes, whatever this npm would add to it.
  const result = npm(["install", "--no-save", "--no-fund", "--no-audit", "--loglevel=warn"]);
  if (result.error || result.status !== 0) {
    const reason = result.error?.message ?? `npm install ended with ${result.status ?? result.signal}`;
    throw new SetupError(`failed\n${result.stdout ?? ""}${result.stderr ?? ""}\n${reason}`);
  }
  writeFileSync(stampFile, wanted());
  process.stderr.write(`done in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

function npm(args) {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 };
  const running = process.env.npm_execpath ?? "";
  if (/npm-cli\.js$/.test(running)) return spawnSync(process.execPath, [running, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

const linkPath = resolve(modules, "yayts");

function linked() {
  return (
    existsSync(resolve(linkPath, "package.json")) &&
    lstatSync(linkPath).isSymbolicLink() &&
    existsSync(command)
  );
}

function link() {
  rmSync(linkPath, { recursive: true, force: true });
  if (process.platform === "win32") symlinkSync(root, linkPath, "junction");
  else symlinkSync("..", linkPath);
  mkdirSync(bin, { recursive: true });
  const run = `--conditions=yayts-source`;
  const here = '"$(dirname "$0")"';
  writeFileSync(command, `#!/bin/sh\nexec ${here}/node ${run} ${here}/../../src/cli/main.ts "$@"\n`, {
    mode: 0o755,
  });
  writeFileSync(`${command}.cmd`, `@"%~dp0node" ${run} "%~dp0..\\..\\src\\cli\\main.ts" %*\r\n`);
}

/** The Node of node_modules, or this one if it is new enough (somebody may have install scripts off). */
function findNode() {
  const own = resolve(bin, process.platform === "win32" ? "node.exe" : "node");
  for (const node of [own, process.execPath]) {
    const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
    if (status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) >= 24) return node;
  }
  throw new SetupError(
    `No Node 24 in node_modules/.bin: the install script of the npm package "node" did not run.\n` +
      `Try: npm rebuild node --ignore-scripts=false (this is Node ${process.version})`,
  );
}

/** One installation at a time, also when two terminals start together. */
async function locked(action) {
  for (let said = false; ; said = true) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (abandoned()) rmSync(lockFile, { force: true });
      else if (!said) process.stderr.write("waiting for another installation…\n");
      await delay(200);
    }
  }
  try {
    action();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** Whether the holder of the lock is gone: its process ended, or its number went to another one long ago. */
function abandoned() {
  try {
    if (Date.now() - statSync(lockFile).mtimeMs > 10 * 60_000) return true;
    const pid = Number(readFileSync(lockFile, "utf8"));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
