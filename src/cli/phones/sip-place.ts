import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { YaytsError } from "../../base/index.ts";

/** Where the engine listens for phones, by UDP and TCP. */
export interface SipPlace {
  readonly host: string;
  readonly port: number;
}

const usualPort = 5060;

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/**
 * A port at the host that is free for UDP and for TCP.
 * @param wanted undefined: 5060, or another when that is taken; 0: any
 * @throws YaytsError `port-taken` when a wanted one is taken, `bad-argument` when the host is not this machine's
 */
export async function findSipPlace(host: string, wanted: number | undefined): Promise<SipPlace> {
  const named = host === "localhost" ? "127.0.0.1" : host;
  const first = wanted ?? usualPort;
  if (first !== 0) {
    const free = await freeAt(named, first);
    if (free !== undefined) return { host: named, port: free };
    if (wanted !== undefined)
      throw new YaytsError(
        "port-taken",
        `another program has port ${wanted} of ${host}; choose another one for SIP, or 0 for any that is free`,
      );
  }
  for (let tries = 0; tries < 20; tries++) {
    const port = await freeAt(named, 0);
    if (port !== undefined) return { host: named, port };
  }
  throw new YaytsError("port-taken", `no port of ${host} is free for both UDP and TCP`);
}

/** The port, or with 0 one that the system chose, if both UDP and TCP can have it. */
async function freeAt(host: string, port: number): Promise<number | undefined> {
  const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
  const server = createServer();
  try {
    const bound = await new Promise<number>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ port, address: host, exclusive: true }, () => resolve(socket.address().port));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: bound, host, exclusive: true }, resolve);
    });
    return bound;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EADDRINUSE" || code === "EACCES") return undefined;
    throw new YaytsError(
      "bad-argument",
      `cannot listen at ${host} (${code || "unknown"}); --host takes an address of this machine, 127.0.0.1 or 0.0.0.0`,
      { cause: error },
    );
  } finally {
    socket.close();
    server.close();
  }
}

/**
 * The address under which others reach this machine: an IPv4 address of the local network, if there is one. Addresses of
 * bridges and tunnels come last.
 */
export function networkAddress(
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string | undefined {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, family }) => !internal && family === "IPv4")
      .map(({ address }) => ({ address, rank: rankOf(name, address) })),
  );
  return found.toSorted((a, b) => a.rank - b.rank)[0]?.address;
}

function rankOf(name: string, address: string): number {
  if (/^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|wg|utun|tailscale|zt)/i.test(name)) return 2;
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address) ? 0 : 1;
}

/** The place as others write it: where it listens at every address, the machine's own on the network. */
export function shownHost({ host }: Pick<SipPlace, "host">): string {
  return host === "0.0.0.0" || host === "::" ? (networkAddress() ?? "127.0.0.1") : host;
}
