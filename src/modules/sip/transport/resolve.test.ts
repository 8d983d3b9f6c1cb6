import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SipTransport } from "../../../sip/index.ts";
import { resolveUri } from "./resolve.ts";
import type { NaptrRecord, SrvRecord } from "./resolver.ts";

/** A zone of DNS. */
interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
}

const naptr = (order: number, preference: number, service: string, replacement: string): NaptrRecord => ({
  order,
  preference,
  flags: "S",
  service,
  replacement,
});
const srv = (priority: number, weight: number, port: number, target: string): SrvRecord => ({
  priority,
  weight,
  port,
  target,
});

const resolve = async (
  uri: string,
  zone: Zone = {},
  options: { transports?: readonly SipTransport[]; asked?: string; random?: number; queries?: string[] } = {},
): Promise<string[]> => {
  const ask =
    <T>(kind: string, records: Readonly<Record<string, readonly T[]>> = {}) =>
    async (name: string) => {
      options.queries?.push(`${kind} ${name}`);
      return records[name] ?? [];
    };
  const found = await resolveUri(uri, {
    resolver: { naptr: ask("NAPTR", zone.naptr), srv: ask("SRV", zone.srv), addresses: ask("A", zone.hosts) },
    transport: options.asked,
    transports: (address) =>
      address.includes(":") && address !== "::" ? ["TCP"] : (options.transports ?? ["UDP", "TCP", "TLS"]),
    random: () => options.random ?? 0,
  });
  return found.map(({ transport, host, port, serverName }) => `${transport} ${host} ${port} ${serverName}`);
};

// The zone of RFC 3263 §4.1 and §4.2.
const example: Zone = {
  naptr: {
    "example.com": [
      naptr(90, 50, "SIP+D2U", "_sip._udp.example.com"),
      naptr(50, 50, "SIPS+D2T", "_sips._tcp.example.com"),
      naptr(60, 50, "SIP+D2T", "_sip._tcp.example.com"),
      naptr(10, 50, "SIP+D2W", "_sip._ws.example.com"),
    ],
  },
  srv: {
    "_sips._tcp.example.com": [srv(0, 1, 5061, "s1.example.com")],
    "_sip._tcp.example.com": [srv(1, 2, 5060, "s2.example.com"), srv(0, 1, 5070, "s1.example.com.")],
    "_sip._udp.example.com": [srv(0, 1, 5060, "s1.example.com")],
  },
  hosts: { "s1.example.com": ["10.0.0.1"], "s2.example.com": ["10.0.0.2"], "example.com": ["10.0.0.9"] },
};

describe("where requests go (RFC 3263)", () => {
  it("an address is taken as it is, without DNS", async () => {
    const queries: string[] = [];
    const ask = (uri: string) => resolve(uri, {}, { queries });
    assert.deepEqual(await ask("sip:a@10.0.0.1"), ["UDP 10.0.0.1 5060 10.0.0.1"]);
    assert.deepEqual(await ask("sip:a@10.0.0.1:5090;transport=TCP"), ["TCP 10.0.0.1 5090 10.0.0.1"]);
    assert.deepEqual(await ask("sips:a@10.0.0.1"), ["TLS 10.0.0.1 5061 10.0.0.1"]);
    assert.deepEqual(await ask("sips:a@10.0.0.1;transport=tcp"), ["TLS 10.0.0.1 5061 10.0.0.1"]);
    assert.deepEqual(await ask("sip:a@10.0.0.1;transport=tls"), ["TLS 10.0.0.1 5061 10.0.0.1"]);
    assert.deepEqual(await ask("sip:a@[2001:db8::1]"), ["TCP 2001:db8::1 5060 2001:db8::1"]);
    assert.deepEqual(await ask("sip:a@example.com;maddr=10.0.0.7"), ["UDP 10.0.0.7 5060 10.0.0.7"]);
    assert.deepEqual(queries, []);
  });

  it("a port or a name without a domain leads to A and AAAA at once", async () => {
    const queries: string[] = [];
    const zone = { hosts: { "example.com": ["10.0.0.9", "2001:db8::9"], pbx: ["10.0.0.8"] } };
    assert.deepEqual(await resolve("sip:a@example.com:5062", zone, { queries }), [
      "UDP 10.0.0.9 5062 example.com",
    ]);
    assert.deepEqual(await resolve("sip:a@example.com:5062;transport=tcp", zone, { queries }), [
      "TCP 10.0.0.9 5062 example.com",
      "TCP 2001:db8::9 5062 example.com",
    ]);
    assert.deepEqual(await resolve("sip:pbx", zone, { queries }), ["UDP 10.0.0.8 5060 pbx"]);
    assert.deepEqual(queries, ["A example.com", "A example.com", "A pbx"]);
  });

  it("NAPTR chooses the transport by its order, among those that can be used", async () => {
    assert.deepEqual(await resolve("sip:a@example.com", example), [
      "TLS 10.0.0.1 5061 example.com",
      "TCP 10.0.0.1 5070 example.com",
      "TCP 10.0.0.2 5060 example.com",
      "UDP 10.0.0.1 5060 example.com",
    ]);
    assert.deepEqual(await resolve("sip:a@example.com", example, { transports: ["UDP"] }), [
      "UDP 10.0.0.1 5060 example.com",
    ]);
  });

  it("sips goes by TLS only, and the certificate must be for the domain", async () => {
    assert.deepEqual(await resolve("sips:a@example.com", example), ["TLS 10.0.0.1 5061 example.com"]);
    await assert.rejects(resolve("sips:a@example.com;transport=udp", example), { code: "bad-argument" });
  });

  it("a transport that is asked for is looked up by SRV", async () => {
    const queries: string[] = [];
    assert.deepEqual(await resolve("sip:a@example.com;transport=tcp", example, { queries }), [
      "TCP 10.0.0.1 5070 example.com",
      "TCP 10.0.0.2 5060 example.com",
    ]);
    assert.equal(queries[0], "SRV _sip._tcp.example.com");
    assert.deepEqual(await resolve("sip:a@example.com", example, { asked: "udp" }), [
      "UDP 10.0.0.1 5060 example.com",
    ]);
  });

  it("without NAPTR every SRV is asked for; without any record the name itself is", async () => {
    const { srv: services, hosts = {} } = example;
    assert.deepEqual(
      await resolve("sip:a@example.com", { srv: services ?? {}, hosts }, { transports: ["TCP", "UDP"] }),
      ["TCP 10.0.0.1 5070 example.com", "TCP 10.0.0.2 5060 example.com", "UDP 10.0.0.1 5060 example.com"],
    );
    assert.deepEqual(await resolve("sip:a@example.com", { hosts }), ["UDP 10.0.0.9 5060 example.com"]);
    assert.deepEqual(await resolve("sips:a@example.com", { hosts }), ["TLS 10.0.0.9 5061 example.com"]);
  });

  it("SRV records of one priority are chosen by weight and chance, all are kept", async () => {
    const hosts = { a: ["10.0.0.1"], b: ["10.0.0.2"], c: ["10.0.0.3"] };
    const zone = {
      hosts,
      srv: { "_sip._udp.x.y": [srv(5, 10, 1, "a"), srv(5, 30, 2, "b"), srv(9, 99, 3, "c")] },
    };
    const ask = async (random: number) =>
      (await resolve("sip:x.y;transport=udp", zone, { random })).map((line) => line.split(" ")[2]);
    assert.deepEqual(await ask(0), ["1", "2", "3"]);
    assert.deepEqual(await ask(0.24), ["1", "2", "3"]);
    assert.deepEqual(await ask(0.26), ["2", "1", "3"]);
    assert.deepEqual(await ask(0.99), ["2", "1", "3"]);
  });

  it("what leads nowhere is told in words", async () => {
    const refused = { srv: { "_sip._udp.no.sip": [srv(0, 0, 0, ".")] } };
    await assert.rejects(resolve("sip:no.sip", refused), { message: /no\.sip offers no SIP/ });
    await assert.rejects(resolve("sip:nowhere.example"), {
      code: "peer-unreachable",
      message: /nowhere\.example has no address/,
    });
    await assert.rejects(resolve("tel:123"), {
      code: "bad-argument",
      message: /tel:123 is no sip: or sips: URI/,
    });
    await assert.rejects(resolve("sip:a@b;transport=sctp"), { message: /transport sctp cannot be used/ });
  });
});
