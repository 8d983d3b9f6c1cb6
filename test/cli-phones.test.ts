import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createFolder, runCommand, startCommand } from "./cli-process.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** A phone that knows nothing but REGISTER and digest. Gives the status of the answer to its second try. */
async function register(port: number, user: string, password: string): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const own = `127.0.0.1:${socket.address().port}`;
  const uri = `sip:127.0.0.1:${port}`;
  const ask = async (sequence: number, credentials: string): Promise<string> => {
    const lines = [
      `REGISTER ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bK-test-${sequence};rport`,
      "Max-Forwards: 70",
      `From: <sip:${user}@127.0.0.1>;tag=test`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: registration-of-${user}@test`,
      `CSeq: ${sequence} REGISTER`,
      `Contact: <sip:${user}@${own}>`,
      "Expires: 300",
      ...(credentials ? [`Authorization: ${credentials}`] : []),
      "Content-Length: 0",
      "",
      "",
    ];
    socket.send(lines.join("\r\n"), port, "127.0.0.1");
    for (;;) {
      const [packet] = await once(socket, "message", { signal: AbortSignal.timeout(10_000) });
      const text = String(packet);
      // What is provisional, or comes again, is not the answer to this one.
      if (!text.startsWith("SIP/2.0 1") && text.includes(`CSeq: ${sequence} `)) return text;
    }
  };
  try {
    const challenge = await ask(1, "");
    const [, realm = ""] = /realm="([^"]*)"/.exec(challenge) ?? [];
    const [, nonce = ""] = /nonce="([^"]*)"/.exec(challenge) ?? [];
    assert.match(challenge, /^SIP\/2\.0 401 /);
    const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${md5(`REGISTER:${uri}`)}`);
    const answer = await ask(
      2,
      `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5`,
    );
    return Number(/^SIP\/2\.0 (\d{3})/.exec(answer)?.[1]);
  } finally {
    socket.close();
  }
}

describe("phones on the command line", { concurrency: 2 }, () => {
  it("yayts engine --phone lets that phone register, and no other", async () => {
    await using engine = startCommand([
      ...["engine", "--global", "127.0.0.1:0", "--sip", "127.0.0.1:0"],
      ...["--phone", "100:secret", "--phone", "200:other"],
    ]);
    const ready = await engine.until(/ready: .*sip:127\.0\.0\.1:(\d+)\n/);
    const port = Number(ready[1]);
    assert.equal(await register(port, "100", "secret"), 200);
    assert.equal(await register(port, "200", "secret"), 401);
    assert.equal(await register(port, "300", "secret"), 401);
    await engine.until(/phones elsewhere/);
    assert.equal(engine.out.includes("secret") || engine.err.includes("secret"), false);
  });

  it("yayts dev says how a phone is pointed at it, and what it says is so", async () => {
    await using folder = await createFolder({
      "app.ts": 'import { app } from "yayts";\nexport default app(() => {});\n',
    });
    const app = `${folder.path}/app.ts`;
    await using dev = startCommand(["dev", app, "--port", "0", "--sip-port", "0", "--phone", "100:secret"]);
    const told = await dev.until(
      /phone 100: server \(domain\) 127\.0\.0\.1:(\d+), user 100, password secret, transport UDP\n/,
    );
    assert.equal(await register(Number(told[1]), "100", "secret"), 200);
  });

  it("yayts dev --no-sip listens for no phone", async () => {
    await using folder = await createFolder({
      "app.ts": 'import { app } from "yayts";\nexport default app(() => {});\n',
    });
    await using dev = startCommand(["dev", `${folder.path}/app.ts`, "--port", "0", "--no-sip"]);
    await dev.until(/listening at/);
    assert.equal(dev.err.includes("SIP"), false);
  });

  it("yayts call sip:… calls that address, presses keys there and tells what it heard", async () => {
    const keyecho = fileURLToPath(new URL("../examples/keyecho.ts", import.meta.url));
    await using dev = startCommand(["dev", keyecho, "--port", "0", "--sip-port", "0"]);
    const told = await dev.until(/can call (sip:ivr@127\.0\.0\.1:\d+); an account is needed only/);
    await dev.until(/keyecho\.ts started/);
    const { code, out, err } = await runCommand(["call", told[1] ?? "", "--press", "4,4"]);
    assert.equal(code, 0, err);
    // A machine that is too busy may spoil a prompt, not both.
    assert.match(out, /answered; heard .*digits\/\S*4/);
    const gone = await runCommand(["call", (told[1] ?? "").replace("ivr", "nobody")]);
    assert.equal(gone.code, 1);
    assert.match(gone.err, /\[call-failed\] sip:nobody@\S+ did not answer: noroute/);
  });

  const wrong: [args: string[], says: RegExp][] = [
    [
      ["engine", "--phone", "100"],
      /^yayts: \[usage\] --phone 100 has no password; write --phone 100:PASSWORD, .*\n$/,
    ],
    [["engine", "--phone", "1:a", "--phone", "1:b"], /^yayts: \[usage\] --phone 1 was given twice; .*\n$/],
    [
      ["engine", "--phone", "100:100", "--sip", "0.0.0.0:0"],
      /^yayts: \[usage\] phone 100 has its own number for a password, and SIP at 0\.0\.0\.0 is open to the network\n .*\n$/,
    ],
    [["engine", "--sip", "5060x"], /^yayts: \[usage\] --sip must be HOST:PORT, not 5060x; .*\n$/],
    [
      ["dev", "APP", "--sip-port", "70000"],
      /^yayts: \[usage\] --sip-port must be a whole number from 0 to 65535, .*\n$/,
    ],
    [
      ["dev", "APP", "--no-sip", "--phone", "1:abcd"],
      /^yayts: \[usage\] --phone and --no-sip do not go together; .*\n$/,
    ],
    [
      ["dev", "APP", "--qr", "zoiper"],
      /^yayts: \[usage\] --qr must be linphone, wave or none, not zoiper; .*\n$/,
    ],
    [
      ["dev", "APP", "--qr", "wave"],
      /^yayts: \[usage\] --qr wave: what scans a code must reach this machine, .*\n .*\n$/,
    ],
    [
      ["dev", "APP", "--host", "192.0.2.1", "--phone", "1:abcd99"],
      /^yayts: \[bad-argument\] cannot listen at 192\.0\.2\.1 \(EADDRNOTAVAIL\); --host takes an address of this machine, .*\n$/,
    ],
  ];
  for (const [args, says] of wrong) {
    it(`yayts ${args.join(" ")} is told what to do`, async () => {
      await using folder = await createFolder({ "app.ts": "export default () => {};\n" });
      const { code, err, out } = await runCommand(
        args.map((arg) => (arg === "APP" ? `${folder.path}/app.ts` : arg)),
      );
      assert.match(err, says);
      assert.equal(code, says.source.includes("usage") ? 2 : 1);
      assert.equal(out, "");
    });
  }

  it("a user of regfile.conf without a password is not let out of the machine", async () => {
    await using folder = await createFolder({ "regfile.conf": "[100]\npassword=\n" });
    const { code, err } = await runCommand(["engine", "--config", folder.path, "--sip", "0.0.0.0:0"]);
    assert.equal(code, 1);
    assert.match(err, /^yayts: \[config-invalid\] regfile\.conf: phone 100 has no password, .*\n$/);
  });
});
