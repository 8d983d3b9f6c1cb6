import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { type Clock, errorText, YaytsError } from "../../../base/index.ts";

/** Without the brackets of a URI; an IPv4 address in IPv6 clothes as such. */
export function plainHost(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}

export function familyOf(host: string): 4 | 6 {
  return isIPv6(host) ? 6 : 4;
}

export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\./.test(host);
}

export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The address of a host that may be a name of the local hosts file or DNS. */
export async function addressOf(host: string): Promise<string> {
  const bare = plainHost(host);
  if (isIP(bare)) return bare;
  try {
    return (await lookup(bare)).address;
  } catch (cause) {
    throw new YaytsError("peer-unreachable", `${host} has no address: ${errorText(cause)}`, { cause });
  }
}

/** Tells which address of this machine a peer would see: what a socket bound to all of them has to call itself. */
export interface LocalAddresses {
  toward(remoteHost: string): string;
}

const refreshMs = 30_000;

/**
 * Goes by the networks of the interfaces, and for peers beyond them by the route that the system would take to the
 * Internet: asking it sends no packet. Changes are seen within 30 s.
 */
export async function createLocalAddresses(clock: Clock): Promise<LocalAddresses> {
  const routed = new Map<4 | 6, string>();
  let networks: { address: string; family: 4 | 6; bits: number; within: BlockList; internal: boolean }[] = [];
  let readMs = Number.NEGATIVE_INFINITY;

  const refresh = (): Promise<unknown> => {
    readMs = clock.monotonicMs();
    networks = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .map(({ address, family, cidr, internal }) => {
        const bits = Number(cidr?.split("/")[1] ?? (family === "IPv6" ? 128 : 32));
        const within = new BlockList();
        within.addSubnet(address, bits, family === "IPv6" ? "ipv6" : "ipv4");
        return { address, family: family === "IPv6" ? (6 as const) : (4 as const), bits, within, internal };
      })
      .sort((a, b) => b.bits - a.bits);
    return Promise.all([
      // Addresses kept for documentation (RFC 5737, RFC 3849): beyond every network of ours.
      probe(4, "192.0.2.1").then((address) => address && routed.set(4, address)),
      probe(6, "2001:db8::1").then((address) => address && routed.set(6, address)),
    ]);
  };
  await refresh();

  return {
    toward(remoteHost) {
      if (clock.monotonicMs() - readMs > refreshMs) void refresh();
      const family = familyOf(remoteHost);
      const kind = family === 6 ? "ipv6" : "ipv4";
      const [bare = remoteHost] = remoteHost.split("%");
      const own = networks.filter((network) => network.family === family);
      const near =
        own.find(({ address }) => address === bare) ?? own.find(({ within }) => within.check(bare, kind));
      return (
        near?.address ??
        routed.get(family) ??
        own.find(({ internal }) => !internal)?.address ??
        (family === 6 ? "::1" : "127.0.0.1")
      );
    },
  };
}

/** The local address of the route to a host; nothing if there is none. */
function probe(family: 4 | 6, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    const done = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.on("error", () => done(undefined));
    socket.on("connect", () => done(socket.address().address));
    socket.connect(9, host);
  });
}
