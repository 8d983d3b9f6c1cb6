import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Logger } from "../base/index.ts";
import { bitString, boolean, integer, octets, oid, sequence, set, tagged, time, utf8 } from "./der.ts";
import { keepFile } from "./state-folder.ts";

/** What an https server needs, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const dayMs = 24 * 3600 * 1000;
/** Browsers take none that is valid for longer than 398 days. */
const lifeMs = 397 * dayMs;
/** One that ends sooner is made anew. */
const leftMs = 14 * dayMs;

/** Names and addresses under which this machine can be reached. */
export function machineNames(host?: string): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter(({ scopeid }) => !scopeid).map(({ address }) => address),
  );
  const name = hostname().toLowerCase();
  const names = /^[a-z0-9.-]+$/.test(name) ? [name, ...(name.includes(".") ? [] : [`${name}.local`])] : [];
  const given = host === undefined || host === "0.0.0.0" || host === "::" ? [] : [host];
  return [...new Set(["localhost", "127.0.0.1", "::1", ...names, ...addresses, ...given])];
}

/**
 * The certificate of this machine's consoles: the kept one, if it is good for all these names for a while, else a new one. So a
 * phone has to accept it once only. When it cannot be kept, it is for this time only.
 */
export async function keptCertificate(
  folder: string,
  names: readonly string[],
  log: Logger,
): Promise<Certificate> {
  const file = join(folder, "certificate.pem");
  const kept = await readFile(file, "utf8").catch(() => "");
  const [, key = "", cert = ""] =
    /^(-----BEGIN PRIVATE KEY-----.*?)(-----BEGIN CERTIFICATE-----.*)$/s.exec(kept) ?? [];
  if (isGood(cert, names)) return { cert, key };
  const made = makeCertificate(names, Date.now());
  await keepFile(folder, file, `${made.key}${made.cert}`).catch((error: unknown) => {
    log.warn(`the console's certificate is for this time only: ${file} cannot be written`, { error });
  });
  return made;
}

function isGood(cert: string, names: readonly string[]): boolean {
  try {
    const known = new X509Certificate(cert);
    const covers = (name: string): boolean =>
      (isIP(name) ? known.checkIP(name) : known.checkHost(name)) !== undefined;
    return known.validToDate.getTime() - Date.now() > leftMs && names.every(covers);
  } catch {
    return false;
  }
}

/** A certificate that signs itself (RFC 5280), with a key on P-256. */
export function makeCertificate(names: readonly string[], nowMs: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const name = sequence(set(sequence(oid("2.5.4.3"), utf8("yayts console"))));
  const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
    sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
  const alternatives = names.map((one) =>
    isIP(one) ? tagged(7, addressBytes(one)) : tagged(2, new TextEncoder().encode(one)),
  );
  const keyId = createHash("sha1").update(spki).digest();
  const body = sequence(
    tagged(0, integer(Uint8Array.of(2)), true),
    // Positive, and unlike any other's.
    integer(Uint8Array.of(0x40, ...randomBytes(15))),
    algorithm,
    name,
    // A phone's clock may be a little behind.
    sequence(time(new Date(nowMs - dayMs)), time(new Date(nowMs - dayMs + lifeMs))),
    name,
    spki,
    tagged(
      3,
      sequence(
        extension("2.5.29.17", false, sequence(...alternatives)),
        extension("2.5.29.19", true, sequence()),
        extension("2.5.29.15", true, bitString(Uint8Array.of(0x80), 7)),
        extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))),
        extension("2.5.29.14", false, octets(keyId)),
      ),
      true,
    ),
  );
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, algorithm, bitString(signature, 0));
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

/** 4 or 16 bytes. */
function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split("."), Number);
  // The URL parser writes an address in its one short form, with a dotted end turned into groups.
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
