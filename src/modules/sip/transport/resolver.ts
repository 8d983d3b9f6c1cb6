import { lookup, Resolver } from "node:dns/promises";

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** `.`: the service is not offered. */
  readonly target: string;
}

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  /** `s`: the replacement is the name of SRV records. */
  readonly flags: string;
  /** Such as `SIP+D2U`. */
  readonly service: string;
  readonly replacement: string;
}

/** What RFC 3263 asks of DNS. Names without such records give an empty list. */
export interface SipResolver {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** A and AAAA, in the order to be tried. */
  addresses(host: string): Promise<readonly string[]>;
}

/** The machine's DNS. A server that does not answer counts as one that has no such records, after 4 s. */
export function createSystemResolver(): SipResolver {
  const dns = new Resolver({ timeout: 2000, tries: 2 });
  const none = (): never[] => [];
  return {
    naptr: (name) =>
      dns.resolveNaptr(name).then(
        (records) =>
          records.map(({ flags, service, replacement, order, preference }) => ({
            flags,
            service,
            replacement,
            order,
            preference,
          })),
        none,
      ),
    srv: (name) =>
      dns.resolveSrv(name).then(
        (records) =>
          records.map(({ name: target, port, priority, weight }) => ({
            target: target === "" ? "." : target,
            port,
            priority,
            weight,
          })),
        none,
      ),
    addresses: (host) =>
      lookup(host, { all: true }).then((found) => found.map(({ address }) => address), none),
  };
}
