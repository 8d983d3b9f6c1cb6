import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { type Clock, realClock } from "../../base/index.ts";
import { formatHostPort } from "../../sip/index.ts";
import { shownHost } from "./sip-place.ts";

/** How long a phone can load its account, and how often: some ask twice. */
const lifeMs = 15 * 60_000;
const maxLoads = 3;

/** Gives each phone its account, to be loaded by the URL that its code says. */
export interface Provisioning {
  /** By phone number. */
  readonly urls: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/**
 * A small web server for accounts. A URL has a secret of 128 bits, ends after 15 minutes and after being loaded three times;
 * everything else is answered 404.
 * @param documents XML by phone number
 */
export async function startProvisioning(
  host: string,
  documents: ReadonlyMap<string, string>,
  clock: Clock = realClock,
): Promise<Provisioning> {
  const endsMs = clock.monotonicMs() + lifeMs;
  const accounts = [...documents].map(([number, text]) => {
    return { number, text, path: `/${randomBytes(16).toString("base64url")}`, loads: 0 };
  });
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const account = accounts.find(({ path }) => path === request.url);
    const counts = account !== undefined && account.loads < maxLoads && clock.monotonicMs() < endsMs;
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Connection", "close");
    if (!counts || request.method !== "GET") {
      response.writeHead(404).end();
      return;
    }
    account.loads++;
    response.writeHead(200, { "Content-Type": "application/xml; charset=utf-8" }).end(account.text);
  });
  server.maxConnections = 16;
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  // It does not keep the process alive by itself.
  server.unref();
  const base = `http://${formatHostPort(shownHost({ host }), port)}`;
  return {
    urls: new Map(accounts.map(({ number, path }) => [number, `${base}${path}`])),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
