import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bytesOf } from "../../src/media/index.ts";
import { decodeSound } from "../../src/testing/index.ts";
import { freePort } from "../free-port.ts";
import type { SipEngine } from "./sip-engine.ts";

/** Why there can be no phones, for the tests that want some; false when there can. */
export const noBaresip: string | false = spawnSync("baresip", ["-h"]).error
  ? "there is no baresip; apt-get install baresip"
  : false;

/** What a phone tells of itself: `REGISTER_OK`, `CALL_ESTABLISHED`, … */
export interface PhoneEvent {
  readonly type: string;
  /** More about it: the reason of a `CALL_CLOSED`, for one. */
  readonly param: string;
  readonly peeruri: string;
  /** Call-ID. */
  readonly id: string;
}

export interface BaresipOptions {
  /** User and password. */
  readonly user: string;
  readonly password: string;
  /** `host:port` of its registrar. */
  readonly server: string;
  /** Default `udp`. */
  readonly transport?: "udp" | "tcp" | "tls";
  /** What it says in every call, at 8 kHz; silence follows. */
  readonly says?: Int16Array;
  /** Parameters of its account, as `;mediaenc=srtp-mand`. */
  readonly account?: string;
  /** Modules beside the usual, as `srtp`. */
  readonly modules?: readonly string[];
}

/** A baresip, which is somebody else's phone. */
export interface Baresip extends AsyncDisposable {
  /** Its own, outside of the repository; removed at the end. */
  readonly folder: string;
  /** Everything it has printed. */
  readonly printed: string;
  /** Resolves to the next event of that type, from before or to come, that nobody has waited for yet. */
  event(type: string, param?: RegExp): Promise<PhoneEvent>;
  /** The events of that type so far. */
  events(type: string): readonly PhoneEvent[];
  /** One of its own commands, as `dial`, `hold`; resolves to what it printed. */
  command(name: string, params?: string): Promise<string>;
  /** What it has heard in its calls, one after the other, at 8 kHz; complete once it has quit. */
  heard(): Promise<Int16Array[]>;
  /** What it has heard in its latest call, as far as it has been written. */
  received(): Promise<Int16Array>;
  quit(): Promise<void>;
}

const waitMs = 30_000;

/** Starts one and waits until it can be commanded. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-baresip-"));
  const control = await freePort();
  // It hangs up when its file is at its end.
  const says = new Int16Array((options.says?.length ?? 0) + 180 * 8000);
  says.set(options.says ?? []);
  await writeFile(join(folder, "says.wav"), wav(says));
  await writeFile(join(folder, "contacts"), "");
  await writeFile(join(folder, "accounts"), "");
  await writeFile(join(folder, "config"), configOf(options, folder, control));
  // It ends by itself some time, whatever becomes of the test, and at the latest with it.
  const child = spawn("baresip", ["-t", "170", "-f", folder], { cwd: folder });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  try {
    const phone = await commandable(child, folder, control);
    // Only now: what it tells of its registration finds a listener.
    await phone.command("uanew", accountOf(options));
    return phone;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function accountOf({ user, password, server, transport = "udp", account = "" }: BaresipOptions): string {
  const way = transport === "udp" ? "" : `;transport=${transport}`;
  const always = ";regint=600;audio_codecs=PCMA/8000/1,PCMU/8000/1;answermode=manual";
  return `"Phone ${user}" <sip:${user}@${server}${way}>;auth_pass=${password}${always}${account}`;
}

function configOf({ modules = [] }: BaresipOptions, folder: string, control: number): string {
  return `poll_method epoll
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
call_local_timeout 120
call_max_calls 4
audio_source aufile,${folder}/says.wav
audio_player aubridge,nobody
audio_alert aubridge,nobody
audio_path ${folder}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
jitter_buffer_delay 5-25
snd_path ${folder}
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
${modules.map((name) => `module ${name}.so\n`).join("")}module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
statmode_default off
ctrl_tcp_listen 127.0.0.1:${control}
`;
}

async function commandable(
  child: ChildProcessWithoutNullStreams,
  folder: string,
  port: number,
): Promise<Baresip> {
  let printed = "";
  const over = new Promise<void>((done) => child.once("close", () => done()));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  const socket = await reach(port, child);
  const events: PhoneEvent[] = [];
  const taken = new Set<PhoneEvent>();
  const wakes = new Set<() => void>();
  const answers = new Map<string, (text: string) => void>();
  readNetstrings(socket, (text) => {
    const said: Record<string, unknown> = JSON.parse(text);
    const field = (name: string): string => String(said[name] ?? "");
    if (said.event === true) {
      const event = {
        type: field("type"),
        param: field("param"),
        peeruri: field("peeruri"),
        id: field("id"),
      };
      events.push(event);
      for (const wake of [...wakes]) wake();
    } else answers.get(field("token"))?.(field("data"));
  });
  let token = 0;
  const phone: Baresip = {
    folder,
    get printed() {
      return printed;
    },
    events: (type) => events.filter((event) => event.type === type),
    event(type, param = /(?:)/) {
      return new Promise((done, fail) => {
        const look = (): void => {
          const found = events.find(
            (event) => event.type === type && param.test(event.param) && !taken.has(event),
          );
          if (!found) return;
          taken.add(found);
          clearTimeout(timer);
          wakes.delete(look);
          done(found);
        };
        const timer = setTimeout(() => {
          wakes.delete(look);
          const told = events.map((event) => `${event.type} ${event.param}`).join(", ");
          fail(new Error(`baresip told of no ${type} ${param}, but of ${told}; it printed:\n${printed}`));
        }, waitMs);
        wakes.add(look);
        look();
      });
    },
    command(name, params = "") {
      const mine = String(++token);
      const text = JSON.stringify({ command: name, params, token: mine });
      socket.write(`${Buffer.byteLength(text)}:${text},`);
      return new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`baresip did not answer ${name} ${params}`)), waitMs);
        answers.set(mine, (data) => {
          clearTimeout(timer);
          answers.delete(mine);
          done(data);
        });
      });
    },
    async heard() {
      const files = (await readdir(folder)).filter((file) => /^dump-.*-dec\.wav$/.test(file)).sort();
      return await Promise.all(
        files.map(async (file) => decodeSound(file, await readFile(join(folder, file)))),
      );
    },
    async received() {
      return (await phone.heard()).at(-1) ?? new Int16Array(0);
    },
    async quit() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await over;
      clearTimeout(timer);
      socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      await phone.quit();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return phone;
}

/** Its control socket, which it opens some time after its start. */
async function reach(port: number, child: ChildProcessWithoutNullStreams): Promise<Socket> {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise<boolean>((done) => {
      socket.once("connect", () => done(true)).once("error", () => done(false));
    });
    if (open) return socket.on("error", () => {});
    await delay(100);
  }
  throw new Error("baresip did not start");
}

/** `<length>:<text>,` again and again. */
function readNetstrings(socket: Socket, take: (text: string) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const colon = rest.indexOf(":");
      const length = Number(rest.subarray(0, Math.max(colon, 0)).toString() || Number.NaN);
      if (colon < 0 || Number.isNaN(length) || rest.length < colon + length + 2) return;
      take(rest.subarray(colon + 1, colon + 1 + length).toString());
      rest = rest.subarray(colon + length + 2);
    }
  });
}

/** A baresip that has registered with the engine, whose users have the password `secret` and their name. */
export async function phoneOf(
  engine: SipEngine,
  user: string,
  more: Partial<BaresipOptions> = {},
): Promise<Baresip> {
  const phone = await startBaresip({ user, password: `secret${user}`, server: engine.sip, ...more });
  await phone.event("REGISTER_OK");
  return phone;
}

/** A WAV file of 16-bit samples at 8 kHz. */
export function wav(samples: Int16Array): Uint8Array {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, bytesOf(samples)]);
}
