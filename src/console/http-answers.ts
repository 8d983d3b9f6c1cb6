import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../base/index.ts";
import { isOurHost } from "./hosts.ts";
import { oncePath } from "./once-links.ts";
import type { Encoding, PageFiles } from "./page-files.ts";

export interface HttpAnswersOptions {
  readonly files: PageFiles;
  /** Names under which others reach this machine. */
  readonly names: readonly string[];
  /** The place to go on to from a link that works once; undefined for no such link. */
  readonly takeLink: (path: string) => string | undefined;
  readonly log: Logger;
}

/** What is sent with everything: the page loads nothing from elsewhere, and nobody else loads the page. */
const guards: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
};

/** Answers requests for the page. */
export function createHttpAnswers({
  files,
  names,
  takeLink,
  log,
}: HttpAnswersOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, headers, url = "" } = request;
    const [path = ""] = url.split("?");
    for (const [name, value] of Object.entries(guards)) response.setHeader(name, value);
    if (!isOurHost(headers.host, names))
      return refuse(response, 421, "this console is not at that name; use the printed link");
    response.setHeader("Content-Security-Policy", contentPolicy(headers.host ?? ""));
    if (method !== "GET" && method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return refuse(response, 405, "the console takes GET only");
    }
    const onwards = method === "GET" ? takeLink(path) : undefined;
    if (onwards !== undefined) {
      response.writeHead(302, { Location: onwards, "Cache-Control": "no-store" }).end();
      return;
    }
    const file = await files.find(path);
    if (!file && path === "/") return sayUnbuilt(response);
    if (!file) {
      const wasLink = path.startsWith(oncePath);
      return refuse(
        response,
        404,
        wasLink ? "this link has been used; open the printed one" : "there is nothing here",
      );
    }
    const encoding = file.compresses ? bestEncoding(headers["accept-encoding"]) : "identity";
    const tag = `"${file.tag}${encoding === "identity" ? "" : `-${encoding}`}"`;
    response.setHeader("ETag", tag);
    // Asked for each time, and answered with "not modified": a new build is seen at once.
    response.setHeader("Cache-Control", "no-cache");
    if (file.compresses) response.setHeader("Vary", "Accept-Encoding");
    if (namesTag(headers["if-none-match"], tag)) {
      response.writeHead(304).end();
      return;
    }
    const body = await file.body(encoding);
    if (encoding !== "identity") response.setHeader("Content-Encoding", encoding);
    response.writeHead(200, { "Content-Type": file.type, "Content-Length": body.length });
    response.end(method === "HEAD" ? undefined : body);
  };
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.warn(`the page could not be sent: ${request.url ?? ""}`, { error });
      if (!response.headersSent) refuse(response, 500, "the console could not read that");
      else response.destroy();
    });
  };
}

/** Older Safaris do not count the WebSocket of the same place as "self". */
function contentPolicy(host: string): string {
  return [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    `connect-src 'self' ws://${host} wss://${host}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`${text}\n`);
}

function sayUnbuilt(response: ServerResponse): void {
  const html = `<!doctype html><meta charset="utf-8"><title>yayts</title>
<body style="font:16px/1.5 system-ui;max-width:34em;margin:4em auto">
<h1>The console's page is not built yet</h1>
<p>Run <code>npm run build</code> in the repository, then reload this page.</p>
`;
  response.writeHead(503, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  response.end(html);
}

function bestEncoding(accepted: string | string[] | undefined): Encoding {
  const list = String(accepted ?? "")
    .split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(";")[0]?.trim());
  if (list.includes("br")) return "br";
  return list.includes("gzip") ? "gzip" : "identity";
}

function namesTag(header: string | undefined, tag: string): boolean {
  return (header ?? "").split(",").some((part) => part.trim().replace(/^W\//, "") === tag);
}
