/**
 * click-to-call: a page on http://127.0.0.1:8080. Type your number and another one: your phone rings, then the other one, and the
 * page shows how far it has come.
 *
 *     npx yayts dev examples/click-to-call.ts --phone 100:secret1 --phone 101:secret2
 *
 * PORT is another port. CLICK_TO_CALL_ORIGIN is where browsers see the page when a proxy stands before it, as in
 * https://call.example.com; the proxy then asks for the password that this page does not.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { app, type CallBothEnd, sleep, type YateWithCalls } from "yayts";

export const clickToCallSettings = {
  port: Number(process.env.PORT ?? 8080),
  /** Default: this machine's, at the port. */
  origin: process.env.CLICK_TO_CALL_ORIGIN,
  /** How long each of the two may ring. */
  ringMs: 30_000,
  maxCalls: 10,
  tell: (text: string): void => console.log(text),
};

export default app((yate) => clickToCall(yate));

/** How far a call has come, in words for the page. */
interface Step {
  readonly text: string;
  readonly over: boolean;
}

interface ClickedCall {
  readonly steps: Step[];
  /** The pages that look at it. */
  readonly pages: Set<ServerResponse>;
  hangup(): void;
}

const json = { "content-type": "application/json" };
/** What is told to a page that asks for it late. */
const rememberedMs = 60_000;

/** Resolves when the app ends. */
export async function clickToCall(
  yate: YateWithCalls,
  options: Partial<typeof clickToCallSettings> = {},
): Promise<void> {
  const { port, origin, ringMs, maxCalls, tell } = { ...clickToCallSettings, ...options };
  const calls = new Map<string, ClickedCall>();
  let origins: string[] = [];

  const server = createServer(async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      if (!response.headersSent) refuse(response, 400, String(error));
    }
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url = "" } = request;
    const id = /^\/calls\/([\w-]+)$/.exec(url)?.[1];
    const call = calls.get(id ?? "");
    // No other page may have this browser call somebody, nor read what it is told, under whatever name it finds us.
    if (!origins.some((ours) => new URL(ours).host === headers.host))
      return refuse(response, 421, "this is not my name");
    if (method !== "GET" && !origins.includes(headers.origin ?? ""))
      return refuse(response, 403, "not from this page");
    if (method === "GET" && url === "/") showPage(response);
    else if (method === "POST" && url === "/calls") await place(request, response);
    else if (method === "GET" && call) watch(call, response);
    else if (method === "DELETE" && call) {
      call.hangup();
      response.writeHead(204).end();
    } else refuse(response, 404, "there is no such page or call");
  }

  async function place(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers["content-type"] !== json["content-type"])
      return refuse(response, 415, "JSON is wanted");
    const { yours, theirs } = Object(JSON.parse(await bodyOf(request)));
    const [first, second] = [telephoneNumber(yours), telephoneNumber(theirs)];
    if (!first) return refuse(response, 400, "Your number: digits only, with + in front or without");
    if (!second) return refuse(response, 400, "The number to call: digits only, with + in front or without");
    if (first === second) return refuse(response, 400, "You cannot talk to yourself");
    const active = [...calls.values()].filter(({ steps }) => !steps.at(-1)?.over);
    if (active.length >= maxCalls) return refuse(response, 429, "Too many calls at once: try again later");
    const id = randomUUID();
    connect(id, first, second);
    response.writeHead(201, json).end(JSON.stringify({ id }));
  }

  /** The two legs. */
  function connect(id: string, first: string, second: string): void {
    const call: ClickedCall = { steps: [], pages: new Set(), hangup: () => both.cancel() };
    calls.set(id, call);
    const add = (text: string, over = false): void => {
      const step = { text, over };
      call.steps.push(step);
      for (const page of call.pages) send(page, step);
      tell(`${first} → ${second}: ${text}`);
    };
    const words = {
      "calling-first": `Calling you at ${first}: pick up`,
      "calling-second": `You are there. Calling ${second}`,
      bridged: `You talk to ${second}`,
    };
    const both = yate.callBoth(first, second, {
      eachMs: ringMs,
      onProgress: (stage) => add(words[stage]),
      onState: (state) => state === "ringing" && add(`${second} rings`),
    });
    const result = both.then(
      (end) => describe(end, second),
      (error: Error) => `That did not work: ${error.message}`,
    );
    void result.then((text) => {
      add(text, true);
      setTimeout(() => calls.delete(id), rememberedMs).unref();
    });
  }

  const closed = Promise.withResolvers<void>();
  server.on("close", closed.resolve);
  const stop = yate.onState(({ kind }) => {
    // The calls end with the app, and the pages that look at them are told.
    if (kind === "closing" || kind === "closed") server.close();
    if (kind === "closed") setTimeout(() => server.closeAllConnections(), 500).unref();
  });
  try {
    if (!(await listen(server, port, yate, tell))) return;
    const { port: bound } = server.address() as AddressInfo;
    origins = origin ? [origin] : [`http://127.0.0.1:${bound}`, `http://localhost:${bound}`];
    tell(`click to call at ${origins[0]}`);
    await closed.promise;
  } finally {
    stop();
  }
}

/** A number that may be called: never a target with its driver, as in `sip/…`, which would call anywhere. */
export function telephoneNumber(text: unknown): string | undefined {
  const number = typeof text === "string" ? text.replace(/[\s().-]/g, "") : "";
  return /^\+?\d{1,20}$/.test(number) ? number : undefined;
}

function describe(end: CallBothEnd, second: string): string {
  if (end.kind === "ended") return `The call is over, after ${Math.round(end.bridgedMs / 1000)} s`;
  if (end.kind === "cancelled") return "Given up";
  if (end.kind === "hangup") return `You hung up before ${second} answered`;
  const who = end.who === "first" ? "Your phone" : second;
  const what = {
    busy: "is busy",
    noanswer: "does not answer",
    rejected: "declines the call",
    failed: `cannot be reached: ${end.reason}`,
  };
  return `${who} ${what[end.kind]}`;
}

/** Server-sent events: each step so far, then each as it comes. */
function watch({ steps, pages }: ClickedCall, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  pages.add(response);
  response.on("close", () => pages.delete(response));
  for (const step of steps) send(response, step);
}

function send(page: ServerResponse, step: Step): void {
  page.write(`data: ${JSON.stringify(step)}\n\n`);
  if (step.over) page.end();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > 1000) throw new Error("that is too long");
  }
  return body;
}

function refuse(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, json).end(JSON.stringify({ error }));
}

/** Listens on this machine only. While `dev` replaces a copy of the app, that one may still have the port. */
async function listen(
  server: Server,
  port: number,
  yate: YateWithCalls,
  tell: (text: string) => void,
): Promise<boolean> {
  for (let tries = 0; yate.state.kind !== "closing" && yate.state.kind !== "closed"; tries++) {
    try {
      await once(server.listen(port, "127.0.0.1"), "listening");
      return true;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
      if (tries === 0) tell(`port ${port} is taken: waiting for it. PORT=… names another one`);
      await sleep(500);
    }
  }
  return false;
}

function showPage(response: ServerResponse): void {
  const nonce = randomUUID();
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "same-origin",
  });
  response.end(page(nonce));
}

const page = (nonce: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Click to call</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 24rem; margin: 10vh auto; padding: 0 1rem; }
  label { display: block; margin-bottom: 1rem; }
  input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; }
  button { font: inherit; padding: .5rem 1.5rem; }
  ol { padding-left: 1.25rem; }
  .over { font-weight: bold; }
  .error { color: light-dark(#b00020, #ff8a80); }
</style>
<h1>Click to call</h1>
<form>
  <label>Your number <input name="yours" type="tel" autocomplete="tel" required></label>
  <label>The number to call <input name="theirs" type="tel" autocomplete="off" required></label>
  <button>Call</button> <button type="button" disabled>Hang up</button>
</form>
<ol role="status"></ol>
<script type="module" nonce="${nonce}">
  const form = document.forms[0];
  const [start, stop] = form.querySelectorAll("button");
  const list = document.querySelector("ol");
  const show = (text, kind = "") => list.append(Object.assign(document.createElement("li"), { textContent: text, className: kind }));
  const busy = (is) => { start.disabled = is; stop.disabled = !is; };

  form.onsubmit = async (event) => {
    event.preventDefault();
    list.replaceChildren();
    busy(true);
    try {
      const body = JSON.stringify(Object.fromEntries(new FormData(form)));
      const reply = await fetch("/calls", { method: "POST", headers: { "content-type": "application/json" }, body });
      const { id, error } = await reply.json();
      if (error) throw new Error(error);
      follow("/calls/" + id);
    } catch (error) {
      show(error.message, "error");
      busy(false);
    }
  };

  function follow(call) {
    stop.onclick = () => fetch(call, { method: "DELETE" });
    const steps = new EventSource(call);
    const end = () => { steps.close(); busy(false); };
    steps.onmessage = ({ data }) => {
      const { text, over } = JSON.parse(data);
      show(text, over ? "over" : "");
      if (over) end();
    };
    steps.onerror = () => {
      show("The connection to the program is lost", "error");
      end();
    };
  }
</script>
`;
