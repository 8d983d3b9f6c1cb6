import assert from "node:assert/strict";
import { rm, symlink, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { get, openConsole, pageText } from "./console-kit.ts";

describe("the console's page", () => {
  it("is served with its type and a policy that lets nothing in from elsewhere", async () => {
    await using at = await openConsole();
    const page = await get(at.port, "/");
    assert.equal(page.status, 200);
    assert.equal(String(page.body), pageText);
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    const policy = String(page.headers["content-security-policy"]);
    assert.match(policy, /^default-src 'self';/);
    for (const rule of [
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'none'",
    ])
      assert.ok(policy.includes(rule), rule);
    assert.doesNotMatch(policy, /'unsafe-eval'|\*|script-src[^;]*unsafe-inline/);
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.equal(page.headers["referrer-policy"], "no-referrer");
    const script = await get(at.port, "/app.js?v=1");
    assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
  });

  it("comes compressed to who takes that, and not at all to who has it", async () => {
    await using at = await openConsole();
    const accepting = (encoding: string) => get(at.port, "/", { headers: { "Accept-Encoding": encoding } });
    const brotli = await accepting("gzip, deflate, br");
    assert.equal(brotli.headers["content-encoding"], "br");
    assert.equal(String(brotliDecompressSync(brotli.body)), pageText);
    const gzip = await accepting("gzip, br;q=0");
    assert.equal(gzip.headers["content-encoding"], "gzip");
    assert.equal(String(gunzipSync(gzip.body)), pageText);
    assert.ok(gzip.body.length < pageText.length / 4);
    const again = await get(at.port, "/", {
      headers: { "Accept-Encoding": "br", "If-None-Match": `W/"x", ${brotli.headers.etag}` },
    });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
  });

  it("is read again when it was built anew, and says what to do when it was never built", async () => {
    await using at = await openConsole();
    const index = join(at.folder, "page/index.html");
    await get(at.port, "/");
    await writeFile(index, "<title>newer</title>");
    await utimes(index, new Date(), new Date(Date.now() + 5000));
    assert.equal(String((await get(at.port, "/")).body), "<title>newer</title>");
    await rm(join(at.folder, "page"), { recursive: true });
    const unbuilt = await get(at.port, "/");
    assert.equal(unbuilt.status, 503);
    assert.match(String(unbuilt.body), /npm run build/);
  });

  it("is all there is: other paths, ways out of its folder and links in it lead nowhere", async () => {
    await using at = await openConsole();
    await symlink(join(at.folder, "secret.txt"), join(at.folder, "page/link.txt"));
    const paths = [
      "/nothing",
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/..\\secret.txt",
      "//secret.txt",
      "/link.txt",
      "/./index.html",
      "/socket",
      `/${"a".repeat(5000)}`,
    ];
    for (const path of paths) assert.equal((await get(at.port, path)).status, 404, path);
  });

  it("takes nothing but GET and HEAD", async () => {
    await using at = await openConsole();
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const { status, headers } = await get(at.port, "/", { method });
      assert.equal(status, 405, method);
      assert.equal(headers.allow, "GET, HEAD");
    }
    const head = await get(at.port, "/", { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.headers["content-length"], String(pageText.length));
    assert.equal(head.body.length, 0);
  });

  it("is not for a name that somebody else has given this machine's address", async () => {
    await using at = await openConsole();
    const asHost = async (host: string) => (await get(at.port, "/", { headers: { Host: host } })).status;
    for (const host of [
      "evil.example",
      `evil.example:${at.port}`,
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "a b",
    ])
      assert.equal(await asHost(host), 421, host);
    for (const host of [`localhost:${at.port}`, "localhost", "127.0.0.1:8080", "[::1]:1"])
      assert.equal(await asHost(host), 200, host);
  });

  it("survives what is no HTTP", async () => {
    await using at = await openConsole();
    const socket = connect(at.port, "127.0.0.1");
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (part) => {
        text += String(part);
      });
      socket.on("close", () => resolve(text));
      socket.write("\x16\x03\x01 hello\r\n\r\n");
    });
    assert.match(answer, /^HTTP\/1\.1 400/);
    assert.equal((await get(at.port, "/")).status, 200);
  });
});

describe("a link that opens the console in a browser", () => {
  it("leads to the link with the token once, and never again", async () => {
    await using at = await openConsole();
    const { pathname } = new URL(at.console.linkForOnce());
    const first = await get(at.port, pathname);
    assert.equal(first.status, 302);
    assert.equal(first.headers.location, `/#token=${at.token}`);
    assert.equal(first.headers["cache-control"], "no-store");
    assert.equal((await get(at.port, pathname)).status, 404);
    assert.equal((await get(at.port, "/open/AAAAAAAAAAAAAAAAAAAAAA")).status, 404);
  });
});
