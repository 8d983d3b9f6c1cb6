import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { type Console, type ConsoleOptions, startConsole } from "../src/console/console.ts";
import type { Phone, PhoneDesk } from "../src/console/phone/phone.ts";
import {
  type Answered,
  type Hello,
  type Requests,
  type SoundFrame,
  socketPath,
  socketProtocol,
  type Told,
} from "../src/console/protocol.ts";
import type { RecordDesk } from "../src/console/records/record-desk.ts";

/** A console on an embedded engine, with desks that write down what they are asked. */
export interface TestConsole extends AsyncDisposable {
  readonly console: Console;
  readonly desks: Desks;
  readonly folder: string;
  /** Of the printed link. */
  readonly token: string;
  readonly viewToken: string;
  readonly port: number;
}

export const pageText = `<!doctype html><title>page</title>${"<p>console</p>".repeat(200)}`;

/** Starts one with a small page of its own. */
export async function openConsole(options: Partial<ConsoleOptions> = {}): Promise<TestConsole> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-console-"));
  const page = join(folder, "page");
  await mkdir(page);
  await writeFile(join(page, "index.html"), pageText);
  await writeFile(join(page, "app.js"), "export {};\n");
  await writeFile(join(folder, "secret.txt"), "not for the web");
  const engine: EmbeddedEngine = await createEngine();
  const yate = engine.connect();
  const desks = createDesks();
  const console = await startConsole({
    yate,
    phones: desks.phones,
    records: desks.records,
    port: 0,
    page,
    folder: join(folder, "state"),
    ...options,
  }).catch(async (error: unknown) => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const { port } = new URL(console.url);
  return {
    console,
    desks,
    folder,
    token: tokenOf(console.url),
    viewToken: tokenOf(console.viewUrl),
    port: Number(port),
    async [Symbol.asyncDispose]() {
      await console.close();
      await yate.close();
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function tokenOf(url: string): string {
  return /#token=([\w-]+)$/.exec(url)?.[1] ?? "";
}

export interface Desks {
  readonly phones: PhoneDesk;
  readonly records: RecordDesk;
  /** `session request params` of what phones and records were asked, and who came and went. */
  readonly asked: string[];
  readonly heard: SoundFrame[];
  /** Says this into every page that listens. */
  speak(frame: SoundFrame): void;
  /** Tells this to every page. */
  tell(told: Told): void;
  /** Whether each page takes what it is told. */
  congested(): boolean[];
}

function createDesks(): Desks {
  const asked: string[] = [];
  const heard: SoundFrame[] = [];
  const listeners = new Set<(frame: SoundFrame) => void>();
  const viewers = new Set<{ tell(told: Told): void; congested(): boolean }>();
  const phoneOf = (session: string): Phone => ({
    view: { number: session, lines: [], selected: undefined },
    onChange: () => () => {},
    onSound(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    hear: (frame) => heard.push(frame),
    async ask(request, params) {
      asked.push(`${session} ${request} ${JSON.stringify(params)}`);
      if (request === "phone.cut") throw new TypeError("a fault of the desk");
      return JSON.parse(request === "phone.dial" ? '{"line":1}' : "null");
    },
  });
  return {
    asked,
    heard,
    phones: {
      of: phoneOf,
      present: (session, here) => asked.push(`${session} ${here ? "is here" : "has gone"}`),
      lineOf: () => undefined,
      close: async () => {},
    },
    records: {
      facts: { kind: "embedded", version: "1", address: "here", state: "connected" },
      targets: ["ivr", "100"],
      view(viewer) {
        viewers.add(viewer);
        return {
          follow: (topics) => asked.push(`follow ${topics.map(({ topic }) => topic).join(" ")}`),
          close: () => viewers.delete(viewer),
        };
      },
      async ask(request, params) {
        asked.push(`${request} ${JSON.stringify(params)}`);
        return JSON.parse("null");
      },
      close: async () => {},
    },
    speak(frame) {
      for (const fn of listeners) fn(frame);
    },
    tell(told) {
      for (const viewer of viewers) viewer.tell(told);
    },
    congested: () => [...viewers].map((viewer) => viewer.congested()),
  };
}

/** A page's side of the socket. */
export interface Page extends AsyncDisposable {
  readonly socket: WebSocket;
  readonly told: Told[];
  readonly sound: Uint8Array[];
  /** Code and reason of the close. */
  readonly closed: Promise<{ code: number; reason: string }>;
  ask<D extends keyof Requests>(name: D, params: Requests[D]["params"]): Promise<Answered>;
  hello(session?: string, viewOnly?: boolean): Promise<Hello>;
}

export interface PageOptions {
  readonly origin?: string;
  readonly host?: string;
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly secure?: boolean;
}

/** Resolves when the socket is open; rejects with the status when the server refuses it. */
export async function openPage(port: number, token: string, options: PageOptions = {}): Promise<Page> {
  const scheme = options.secure ? "s" : "";
  const place = `127.0.0.1:${port}`;
  const socket = new WebSocket(
    `ws${scheme}://${place}${options.path ?? socketPath}`,
    [...(options.protocols ?? [socketProtocol, `token.${token}`])],
    {
      origin: options.origin ?? `http${scheme}://${options.host ?? place}`,
      ...(options.host ? { headers: { Host: options.host } } : {}),
      rejectUnauthorized: false,
    },
  );
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const told: Told[] = [];
  const sound: Uint8Array[] = [];
  const waiting = new Map<number, (answer: Answered) => void>();
  let asked = 0;
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) {
      sound.push(data);
      return;
    }
    const message: Told | Answered = JSON.parse(String(data));
    if ("topic" in message) told.push(message);
    else waiting.get(message.id)?.(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
    socket.once("unexpected-response", (_, response) => {
      reject(new Error(`status ${response.statusCode}`));
      socket.terminate();
    });
  });
  socket.on("error", () => {});
  const ask: Page["ask"] = (name, params) =>
    new Promise((resolve) => {
      const id = ++asked;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, do: name, with: params }));
    });
  return {
    socket,
    told,
    sound,
    closed,
    ask,
    async hello(session = "session-one", viewOnly) {
      const answer = await ask("hello", { session, ...(viewOnly === undefined ? {} : { viewOnly }) });
      if ("error" in answer) throw new Error(answer.error.text);
      return answer.result as Hello;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

/** A response, with its body as it came. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks for a path as it stands: nothing in it is made tidy, as `fetch` would. */
export function get(
  port: number,
  path: string,
  options: RequestOptions & { readonly secure?: boolean } = {},
): Promise<Got> {
  const { secure, ...more } = options;
  const ask = secure ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asking = ask({ host: "127.0.0.1", port, path, agent: false, ...more }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
        }),
      );
    });
    asking.once("error", reject);
    asking.end();
  });
}
