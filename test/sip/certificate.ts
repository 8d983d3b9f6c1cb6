import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there can be no certificates, for the tests that want one; false when there can. */
export const noOpenssl: string | false = spawnSync("openssl", ["version"]).error
  ? "there is no openssl; apt-get install openssl"
  : false;

/** Names of PEM files. */
export interface Certificate extends AsyncDisposable {
  readonly certificate: string;
  readonly key: string;
}

/** One that nobody but its owner has signed, for 127.0.0.1. */
export async function createCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-certificate-"));
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"],
    ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { certificate, key, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
