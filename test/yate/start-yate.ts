import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../free-port.ts";

/** A real YATE that runs for a test. Addresses are those that `connect` takes. */
export interface RunningYate {
  /** TCP listener with the role `global`. */
  readonly tcp: string;
  /** TCP listener without a role: a client must say which one it wants. */
  readonly any: string;
  /** UNIX socket with the role `global`. */
  readonly unix: string;
  /** UDP port on 127.0.0.1 where it takes SIP; 0 without `sip`. */
  readonly sipPort: number;
  /** Its temporary folder: configuration, scripts, log (`yate.log`), recordings. */
  readonly dir: string;
  stop(): Promise<void>;
}

export interface YateOptions {
  /** Default: the environment variable YAYTS_YATE. */
  readonly binary?: string;
  /** Modules to load, by the base names of their files. */
  readonly modules?: readonly string[];
  /** Lines of regexroute's section `default`. */
  readonly routes?: readonly string[];
  /** Takes SIP on a port of its own, with users and lines (ysipchan, regfile, accfile). Default: no. */
  readonly sip?: boolean;
  /** Lines of configuration files by file name; they come after those that are there anyway. */
  readonly config?: Readonly<Record<string, readonly string[]>>;
}

const usualModules = [
  "extmodule",
  "dumbchan",
  "wavefile",
  "tonegen",
  "tonedetect",
  "conference",
  "regexroute",
  "pbx",
  "callfork",
  "cdrbuild",
  "gsmcodec",
  "yrtpchan",
];

const sipModules = ["regfile", "accfile", "ysipchan"];

const usualRoutes = ["99991001=tone/dial"];

/** Why tests against a real YATE cannot run here; undefined when they can. */
export function whyNoYate(binary: string | undefined = process.env.YAYTS_YATE): string | undefined {
  if (!binary) return "no real YATE: set YAYTS_YATE to its binary";
  return existsSync(binary) ? undefined : `YAYTS_YATE: ${binary} does not exist`;
}

/** Starts a YATE with its own configuration on free ports and waits until all its listeners take connections. */
export async function startYate(options: YateOptions = {}): Promise<RunningYate> {
  const binary = options.binary ?? process.env.YAYTS_YATE;
  const missing = whyNoYate(binary);
  if (!binary || missing) throw new Error(missing);
  const home = dirname(binary);
  const moduleDir = process.env.YAYTS_YATE_MODULES ?? join(home, "modules");
  const dir = await mkdtemp(join(tmpdir(), "yayts-yate-"));
  const [tcpPort, anyPort] = [await freePort(), await freePort()];
  const sipPort = options.sip ? await freePort() : 0;
  const path = join(dir, "yate.sock");
  const found = [...(options.modules ?? usualModules), ...(options.sip ? sipModules : [])]
    .map((name) => moduleFile(moduleDir, name))
    .filter((file) => file !== undefined);
  const files: Record<string, readonly string[]> = {
    "yate.conf": [
      "[general]",
      "modload=disable",
      "[preload]",
      ...found.map((file) => `${join(moduleDir, file)}=yes`),
    ],
    "extmodule.conf": [
      "[general]",
      `scripts_dir=${dir}/`,
      "[listener tcp]",
      "type=tcp",
      "addr=127.0.0.1",
      `port=${tcpPort}`,
      "role=global",
      "[listener any]",
      "type=tcp",
      "addr=127.0.0.1",
      `port=${anyPort}`,
      "[listener unix]",
      "type=unix",
      `path=${path}`,
      "role=global",
    ],
    "regexroute.conf": ["[default]", ...(options.routes ?? usualRoutes)],
    // Away from the range of the embedded engine, which is the other side.
    "yrtpchan.conf": ["[general]", "minport=20000", "maxport=24000"],
    "ysipchan.conf": ["[general]", "addr=127.0.0.1", `port=${sipPort}`],
  };
  for (const [name, lines] of Object.entries(options.config ?? {}))
    files[name] = [...(files[name] ?? []), ...lines];
  await writeConfiguration(dir, files);
  const child = spawn(
    binary,
    ["-n", "yate", "-c", dir, "-m", moduleDir, "-e", home, "-l", join(dir, "yate.log"), "-v"],
    {
      cwd: dir,
      stdio: "ignore",
      env: { ...process.env, LD_LIBRARY_PATH: home },
    },
  );
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    for (const target of [
      { port: tcpPort, host: "127.0.0.1" },
      { port: anyPort, host: "127.0.0.1" },
      { path },
    ]) {
      await untilReady(JSON.stringify(target), () => answers(target), child);
    }
    if (sipPort > 0) await untilReady("its SIP port", () => answersOptions(sipPort), child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    tcp: `tcp://127.0.0.1:${tcpPort}`,
    any: `tcp://127.0.0.1:${anyPort}`,
    unix: `unix:${path}`,
    sipPort,
    dir,
    stop,
  };
}

async function writeConfiguration(
  dir: string,
  files: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [name, lines] of Object.entries(files))
    await writeFile(join(dir, name), `${lines.join("\n")}\n`);
}

function moduleFile(moduleDir: string, name: string): string | undefined {
  for (const file of [
    `${name}.yate`,
    ...["client", "server", "test", "radio"].map((sub) => `${sub}/${name}.yate`),
  ]) {
    if (existsSync(join(moduleDir, file))) return file;
  }
  return undefined;
}

async function untilReady(what: string, ready: () => Promise<boolean>, child: ChildProcess): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (Date.now() < endMs) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`YATE ended at once (${child.exitCode ?? child.signalCode})`);
    if (await ready()) return;
    await delay(25);
  }
  throw new Error(`YATE does not listen at ${what}`);
}

/** Whether OPTIONS get an answer there within 200 ms. */
function answersOptions(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const timer = setTimeout(() => finish(false), 200);
    const finish = (answered: boolean): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    socket.once("message", () => finish(true));
    socket.bind(0, "127.0.0.1", () => {
      const own = `127.0.0.1:${socket.address().port}`;
      const lines = [
        `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${own};rport`,
        "Max-Forwards: 70",
        `From: <sip:probe@${own}>;tag=probe`,
        `To: <sip:127.0.0.1:${port}>`,
        `Call-ID: probe-${own}`,
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
      ];
      socket.send(`${lines.join("\r\n")}\r\n\r\n`, port, "127.0.0.1");
    });
  });
}

function answers(target: { port: number; host: string } | { path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 8000);
  await ended;
  clearTimeout(killer);
}
