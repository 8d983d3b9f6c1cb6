import { isIP } from "node:net";
import { YaytsError } from "../../../base/index.ts";
import { parseUri, type SipAddress, type SipTransport } from "../../../sip/index.ts";
import { plainHost } from "./addresses.ts";
import type { SipResolver, SrvRecord } from "./resolver.ts";

/** A place to send a request to. `host` is an address. */
export interface SipTarget extends SipAddress {
  readonly transport: SipTransport;
  /** The name that a certificate must be for: the domain that was asked for, not the name it led to (RFC 5922 §4). */
  readonly serverName: string;
}

export interface ResolveOptions {
  /** Asked for by who sends, in any case; the URI's own is then not looked at. */
  readonly transport?: string | undefined;
  readonly resolver: SipResolver;
  /** The transports that can be used towards an address, most wanted first: none for a family that cannot be reached. */
  transports(address: string): readonly SipTransport[];
  /** From 0 to below 1; chooses among SRV records by their weight. */
  random(): number;
}

/** An answer of NAPTR or SRV that is to be looked up. */
interface Hop {
  readonly transport: SipTransport;
  readonly host: string;
  readonly port: number;
}

/**
 * Where requests to a URI are to be sent, the first to be tried first (RFC 3263 §4).
 * @throws YaytsError `bad-argument` for what is no sip or sips URI, `peer-unreachable` when nothing is found
 */
export async function resolveUri(uri: string, options: ResolveOptions): Promise<readonly SipTarget[]> {
  const parsed = parseUri(uri);
  const scheme = parsed?.scheme.toLowerCase();
  if (!parsed || (scheme !== "sip" && scheme !== "sips"))
    throw new YaytsError("bad-argument", `${uri} is no sip: or sips: URI`);
  const secure = scheme === "sips";
  const host = plainHost(parsed.params.get("maddr") || parsed.host).replace(/\.$/, "");
  const asked = transportOf(options.transport || parsed.params.get("transport"), secure, uri);
  const hops = await hopsOf(host, parsed.port, asked, secure, options);

  const targets: SipTarget[] = [];
  for (const hop of hops) {
    const addresses = isIP(hop.host) ? [hop.host] : await options.resolver.addresses(hop.host);
    for (const address of addresses) {
      if (!options.transports(address).includes(hop.transport)) continue;
      targets.push({ transport: hop.transport, host: address, port: hop.port, serverName: host });
    }
  }
  if (targets.length === 0) {
    const over = asked ? ` over ${asked}` : "";
    throw new YaytsError(
      "peer-unreachable",
      hops.length === 0
        ? `${host} offers no SIP`
        : `${host} has no address that can be reached from here${over}`,
    );
  }
  return targets;
}

function transportOf(name: string | undefined, secure: boolean, uri: string): SipTransport | undefined {
  switch (name?.toLowerCase()) {
    case undefined:
    case "":
      return undefined;
    case "udp":
      // RFC 3261 §26.2.2: sips means TLS on the way; there is none over UDP here.
      if (secure) break;
      return "UDP";
    case "tcp":
      return secure ? "TLS" : "TCP";
    case "tls":
      return "TLS";
    case "ws":
      return secure ? "WSS" : "WS";
    case "wss":
      return "WSS";
    default:
  }
  throw new YaytsError("bad-argument", `${uri}: transport ${name} cannot be used`);
}

async function hopsOf(
  host: string,
  port: number | undefined,
  asked: SipTransport | undefined,
  secure: boolean,
  { resolver, transports, random }: ResolveOptions,
): Promise<readonly Hop[]> {
  // All that could be used towards some address.
  const usable = [...new Set([...transports("0.0.0.0"), ...transports("::")])].filter(
    (transport) => !secure || transport === "TLS",
  );
  const plain = (transport: SipTransport): Hop => ({
    transport,
    host,
    port: port ?? (transport === "TLS" || transport === "WSS" ? 5061 : 5060),
  });
  const preferred = asked ?? (secure ? "TLS" : isIP(host) ? transports(host)[0] : usable[0]) ?? "UDP";
  // RFC 3263 §4.1, §4.2. A name without a dot is of the hosts file or the local network: no domain with services.
  if (isIP(host) || port !== undefined || !host.includes(".")) return [plain(preferred)];
  const services = asked ? [asked] : await byNaptr(host, secure, usable, resolver);
  if (Array.isArray(services)) {
    const found = await Promise.all(
      services.map(async (transport) => ({
        transport,
        records: await resolver.srv(`${srvPrefix(transport, secure)}.${host}`),
      })),
    );
    const hops = found.flatMap(({ transport, records }) => hopsOfSrv(transport, records, random));
    if (found.some(({ records }) => records.length > 0)) return hops;
    return [plain(preferred)];
  }
  const hops: Hop[] = [];
  for (const { transport, name } of services.srvNames)
    hops.push(...hopsOfSrv(transport, await resolver.srv(name), random));
  return hops.length > 0 ? hops : [plain(preferred)];
}

function srvPrefix(transport: SipTransport, secure: boolean): string {
  if (transport === "TLS" || secure) return "_sips._tcp";
  return transport === "UDP" ? "_sip._udp" : "_sip._tcp";
}

interface NaptrAnswer {
  readonly srvNames: readonly { readonly transport: SipTransport; readonly name: string }[];
}

const naptrServices: Readonly<Record<string, SipTransport>> = {
  "SIP+D2U": "UDP",
  "SIP+D2T": "TCP",
  "SIPS+D2T": "TLS",
};

/** What NAPTR records name; without any, the transports whose SRV records are to be asked for, the most wanted first. */
async function byNaptr(
  host: string,
  secure: boolean,
  usable: readonly SipTransport[],
  resolver: SipResolver,
): Promise<NaptrAnswer | SipTransport[]> {
  const srvNames = (await resolver.naptr(host))
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ flags, service, replacement }) => {
      const transport = naptrServices[service.toUpperCase()];
      if (flags.toLowerCase() !== "s" || !transport || !usable.includes(transport)) return [];
      return secure && transport !== "TLS" ? [] : [{ transport, name: replacement }];
    });
  return srvNames.length > 0 ? { srvNames } : [...usable];
}

/** In the order of RFC 2782: by priority, and by chance and weight among those of the same one. */
function hopsOfSrv(transport: SipTransport, records: readonly SrvRecord[], random: () => number): Hop[] {
  const hops: Hop[] = [];
  const rest = records.filter(({ target }) => target !== ".");
  while (rest.length > 0) {
    const priority = Math.min(...rest.map((record) => record.priority));
    const equals = rest.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
    const at = random() * equals.reduce((sum, { weight }) => sum + weight, 0);
    let sum = 0;
    const chosen =
      equals.find(({ weight }) => {
        sum += weight;
        return sum > at;
      }) ?? equals[0];
    if (!chosen) break;
    hops.push({ transport, host: chosen.target.replace(/\.$/, ""), port: chosen.port });
    rest.splice(rest.indexOf(chosen), 1);
  }
  return hops;
}
