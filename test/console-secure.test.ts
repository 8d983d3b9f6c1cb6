import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { chmod, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { networkAddress } from "../src/cli/phones/sip-place.ts";
import { type Got, get, openConsole, openPage, pageText, tokenOf } from "./console-kit.ts";

const lan = networkAddress();
const withoutNetwork = lan === undefined && "this machine is in no network";

describe("a console for other machines", () => {
  it("speaks TLS with others and with this machine either way, at one port", async () => {
    await using at = await openConsole({ host: "0.0.0.0" });
    assert.equal(at.console.url, `http://127.0.0.1:${at.port}/#token=${at.token}`);
    assert.equal(String((await get(at.port, "/")).body), pageText);
    const authority = await readFile(join(at.folder, "state/certificate.pem"), "utf8");
    const secure = await get(at.port, "/", { secure: true, ca: authority });
    assert.equal(String(secure.body), pageText);
    for (const servername of ["localhost", ""]) {
      const host = servername || "127.0.0.1";
      const socket = connectTls({
        host,
        port: at.port,
        ca: authority,
        ...(servername ? { servername } : {}),
      });
      await new Promise<void>((resolve, reject) =>
        socket.once("secureConnect", resolve).once("error", reject),
      );
      socket.destroy();
    }
    await using page = await openPage(at.port, at.token, { secure: true });
    await page.hello("session-one");
    await using plain = await openPage(at.port, at.token);
    await plain.hello("session-two");
    await assert.rejects(
      openPage(at.port, at.token, { secure: true, origin: `http://127.0.0.1:${at.port}` }),
      /status 403/,
    );
  });

  it("sends who comes unencrypted from elsewhere to https, and lets no socket in", {
    skip: withoutNetwork,
  }, async () => {
    await using at = await openConsole({ host: "0.0.0.0", shownHost: lan });
    const plain: Got = await get(at.port, "/x", { host: lan, headers: { Host: `${lan}:${at.port}` } });
    assert.equal(plain.status, 301);
    assert.equal(plain.headers.location, `https://${lan}:${at.port}/x`);
    assert.equal(plain.body.length, 0);
    const asking = get(at.port, "/socket", {
      host: lan,
      headers: { Host: `${lan}:${at.port}`, Connection: "Upgrade", Upgrade: "websocket" },
    });
    assert.notEqual((await asking).status, 101);
  });

  it("gives pages a link and a code for a second phone", { skip: withoutNetwork }, async () => {
    await using at = await openConsole({ host: lan });
    assert.equal(at.console.url, `http://127.0.0.1:${at.port}/#token=${at.token}`);
    const link = `https://${lan}:${at.port}/#token=${at.token}`;
    assert.equal(at.console.secondPhone, link);
    await using page = await openPage(at.port, at.token);
    const { secondPhone } = await page.hello();
    assert.equal(secondPhone?.url, link);
    assert.match(secondPhone?.qrSvg ?? "", /^<svg [^>]*viewBox/);
    const ca = await readFile(join(at.folder, "state/certificate.pem"), "utf8");
    assert.equal((await get(at.port, "/", { host: lan, secure: true, ca })).status, 200);
  });

  it("survives bad handshakes and connections that say nothing", async () => {
    await using at = await openConsole({ host: "0.0.0.0" });
    for (const bytes of ["\x16\x03\x01\x00\x05nono!", "\x16", "", "\x80\x2e\x01\x00\x02"]) {
      const socket = connect(at.port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise((resolve) => socket.once("connect", resolve));
      if (bytes) socket.write(bytes, "latin1");
      socket.end();
    }
    assert.equal((await get(at.port, "/")).status, 200);
  });

  it("has a certificate for all names and addresses of this machine, kept for this user alone", async () => {
    await using at = await openConsole({ host: "0.0.0.0" });
    const file = join(at.folder, "state/certificate.pem");
    const pem = await readFile(file, "utf8");
    const certificate = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));
    assert.ok(certificate.verify(certificate.publicKey));
    assert.equal(certificate.subject, "CN=yayts console");
    assert.equal(certificate.ca, false);
    for (const list of Object.values(networkInterfaces()))
      for (const { address, scopeid } of list ?? [])
        if (!scopeid) assert.ok(certificate.checkIP(address), address);
    assert.ok(certificate.checkHost("localhost"));
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000;
    assert.equal(days, 397);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(join(at.folder, "state"))).mode & 0o777, 0o700);
    // Another console of the same user has it too.
    await using other = await openConsole({ host: "0.0.0.0", folder: join(at.folder, "state") });
    assert.ok(other.port > 0);
    assert.equal(await readFile(file, "utf8"), pem);
    await writeFile(file, pem.replace(/MII/, "AAA"));
    await using third = await openConsole({ host: "0.0.0.0", folder: join(at.folder, "state") });
    assert.notEqual(await readFile(file, "utf8"), pem);
    assert.equal((await get(third.port, "/", { secure: true, rejectUnauthorized: false })).status, 200);
  });
});

describe("the console's link", () => {
  it("is the same the next time for the same thing, unlike any other's", async () => {
    await using at = await openConsole({ keptFor: "app a.ts" });
    assert.equal(at.console.linkIsKnown, false);
    assert.match(at.token, /^[\w-]{32}$/);
    const folder = join(at.folder, "state");
    await using again = await openConsole({ keptFor: "app a.ts", folder });
    assert.equal(again.token, at.token);
    assert.equal(again.console.linkIsKnown, true);
    await using other = await openConsole({ keptFor: "app b.ts", folder });
    assert.notEqual(other.token, at.token);
    assert.equal(other.console.linkIsKnown, false);
    assert.notEqual(other.viewToken, other.token);
    const [file = ""] = await readdir(folder);
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600);
  });

  it("is made anew when others could read it, or nobody used it for a month", async () => {
    await using at = await openConsole({ keptFor: "app" });
    const folder = join(at.folder, "state");
    const [name = ""] = await readdir(folder);
    const file = join(folder, name);
    await chmod(file, 0o644);
    await using second = await openConsole({ keptFor: "app", folder });
    assert.notEqual(second.token, at.token);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const old = new Date(Date.now() - 31 * 86_400_000);
    await utimes(file, old, old);
    await using third = await openConsole({ keptFor: "app", folder });
    assert.notEqual(third.token, second.token);
  });

  it("works for this time when it cannot be kept", async () => {
    await using at = await openConsole({ keptFor: "app", folder: "/dev/null/nowhere" });
    await using page = await openPage(at.port, at.token);
    await page.hello();
  });

  it("lets a page come back by itself when the console is started again", async () => {
    const at = await openConsole({ keptFor: "app" });
    const page = await openPage(at.port, at.token);
    await page.hello();
    await at.console.close();
    assert.equal((await page.closed).code, 1001);
    await using again = await openConsole({
      keptFor: "app",
      folder: join(at.folder, "state"),
      port: at.port,
    });
    await using back = await openPage(at.port, at.token);
    await back.hello();
    assert.deepEqual(again.desks.asked, ["session-one is here"]);
    await at[Symbol.asyncDispose]();
  });
});

describe("the console's port", () => {
  it("is the next free one when nobody asked for one, so that two consoles stand beside each other", async () => {
    await using one = await openConsole({ port: undefined });
    await using two = await openConsole({ port: undefined });
    assert.notEqual(one.port, two.port);
    assert.ok(one.port >= 5040 && two.port >= 5040);
    await using page = await openPage(one.port, one.token);
    await page.hello();
    const stranger = await openPage(two.port, one.token);
    assert.equal((await stranger.closed).code, 4401);
    assert.equal(tokenOf(two.console.url).length, 32);
  });

  it("is refused when it is taken, with advice", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    for (const host of ["127.0.0.1", "0.0.0.0", ...(lan ? [lan] : [])])
      await assert.rejects(
        openConsole({ port, host }),
        /\[port-taken\] another program listens at .*; choose another port/,
      );
    server.close();
  });

  it("is not looked for at an address of another machine", async () => {
    await assert.rejects(
      openConsole({ host: "192.0.2.1" }),
      /\[bad-argument\] the console cannot listen at .*192\.0\.2\.1/,
    );
  });
});
