import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { encode } from "uqr";
import { createManualClock } from "../../base/index.ts";
import { parseConfig } from "../../modules/index.ts";
import { commands } from "../command-table.ts";
import { parseCommandArguments } from "../parse-arguments.ts";
import { createStyle } from "../style.ts";
import { UsageError } from "../usage-error.ts";
import { codeLines, linphoneAccount, waveAccount } from "./phone-code.ts";
import { withPhones, withSip } from "./phone-config.ts";
import { createCodes, guideLines, transportsAt } from "./phone-guide.ts";
import { configuredPhones, passwordFault, readPhones } from "./phone-list.ts";
import { startProvisioning } from "./provisioning.ts";
import { prepareSipPhones, type SipPhones, type SipWish } from "./sip-phones.ts";
import { findSipPlace, isLoopback, networkAddress } from "./sip-place.ts";

const style = createStyle(false);
const phone = { number: "100", password: "secret" };

describe("--phone", () => {
  it("is a number and a password, which may have colons and blanks in it", () => {
    assert.deepEqual(readPhones(["100:secret", "a.b:x: y:", "300:"]), [
      phone,
      { number: "a.b", password: "x: y:" },
      { number: "300", password: "" },
    ]);
  });

  it("that cannot be used is refused with what to write", () => {
    const wrong: [string[], RegExp, RegExp][] = [
      [["100"], /^--phone 100 has no password$/, /^write --phone 100:PASSWORD, as in --phone 100:secret$/],
      [[":secret"], /needs a number before the colon/, /100:secret/],
      [["1 0:x"], /not "1 0"$/, /100:secret/],
      [["general:secret"], /cannot be called general/, /take a number/],
      [["100:a\nb"], /^--phone 100: its password has a control character$/, /another password/],
      [["100:a", "100:b"], /^--phone 100 was given twice$/, /each number once/],
    ];
    for (const [values, what, advice] of wrong)
      assert.throws(
        () => readPhones(values),
        (error) => error instanceof UsageError && what.test(error.message) && advice.test(error.advice),
        String(what),
      );
  });

  it("is a user of regfile then, beside those of the file", () => {
    const regfile = parseConfig("[general]\nfile=x\n[200]\npassword=two\n[300]\n", "regfile.conf");
    const config = withPhones({ regfile }, [phone]);
    assert.equal(config.regfile?.section("100")?.get("password"), "secret");
    assert.equal(config.regfile?.section("general")?.get("file"), "x");
    assert.deepEqual(configuredPhones(config.regfile), [
      { number: "200", password: "two" },
      { number: "100", password: "secret" },
    ]);
    assert.throws(
      () => withPhones({ regfile }, [{ number: "200", password: "x" }]),
      /has a user 200 already/,
    );
  });
});

describe("a password", () => {
  it("that anybody tries first is told apart from one that will do", () => {
    for (const password of ["", "100", "abc", "0000", "1234", "987654", "Password", "test"])
      assert.notEqual(passwordFault({ number: "100", password }), undefined, password);
    for (const password of ["7hD2kq", "secret", "12354"])
      assert.equal(passwordFault({ number: "100", password }), undefined, password);
  });
});

describe("the place of SIP", () => {
  it("is the port that was asked for, or another when the usual one is taken", async () => {
    const other = createSocket("udp4");
    other.bind(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address();
    await assert.rejects(findSipPlace("127.0.0.1", port), /another program has port \d+ of 127\.0\.0\.1/);
    other.close();
    await once(other, "close");
    assert.deepEqual(await findSipPlace("localhost", port), { host: "127.0.0.1", port });
    const any = await findSipPlace("127.0.0.1", 0);
    assert.ok(any.port > 0);
    await assert.rejects(
      findSipPlace("192.0.2.1", 0),
      /bad-argument.*--host takes an address of this machine/,
    );
  });

  it("becomes listeners of ysipchan for UDP and TCP, and the address of the sound", () => {
    const config = withSip({}, { host: "127.0.0.1", port: 5070 });
    const { ysipchan, yrtpchan } = config;
    for (const [name, type] of [
      ["general", "udp"],
      ["listener tcp", "tcp"],
    ] as const) {
      const section = ysipchan?.section(name);
      assert.deepEqual(
        [section?.get("type"), section?.get("addr"), section?.get("port")],
        [type, "127.0.0.1", "5070"],
      );
    }
    assert.equal(yrtpchan?.section("general")?.get("localip"), "127.0.0.1");
    assert.equal(withSip({}, { host: "0.0.0.0", port: 5060 }).yrtpchan, undefined);
  });

  it("keeps what the files say of other things", () => {
    const before = {
      ysipchan: parseConfig("[general]\nrealm=Home\n[codecs]\ngsm=no\n", "ysipchan.conf"),
      yrtpchan: parseConfig("[general]\nlocalip=192.0.2.7\nminport=20000\n", "yrtpchan.conf"),
    };
    const { ysipchan, yrtpchan } = withSip(before, { host: "127.0.0.1", port: 5060 });
    assert.equal(ysipchan?.section("general")?.get("realm"), "Home");
    assert.equal(ysipchan?.section("codecs")?.get("gsm"), "no");
    assert.equal(yrtpchan?.section("general")?.get("localip"), "192.0.2.7");
  });

  it("is shown as the address of the local network, not of a bridge or tunnel", () => {
    const at = (address: string, internal = false) => [
      { address, internal, family: "IPv4" as const, netmask: "", mac: "", cidr: null },
    ];
    const lo = at("127.0.0.1", true);
    assert.equal(
      networkAddress({ lo, docker0: at("172.17.0.1"), eth0: at("203.0.113.5"), wlan0: at("192.168.1.7") }),
      "192.168.1.7",
    );
    assert.equal(networkAddress({ lo, docker0: at("172.17.0.1"), eth0: at("203.0.113.5") }), "203.0.113.5");
    assert.equal(networkAddress({ lo }), undefined);
  });

  it("is for this machine alone at a loopback address only", () => {
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) assert.equal(isLoopback(host), true);
    for (const host of ["0.0.0.0", "::", "192.168.1.7", "127.evil.example", "1270.0.0.1"])
      assert.equal(isLoopback(host), false, host);
  });
});

describe("phones of a command", () => {
  const [dev] = commands;
  const prepare = (
    args: string[],
    files: Record<string, string>,
    wish: Partial<SipWish>,
  ): Promise<SipPhones> => {
    assert.ok(dev);
    const config = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, parseConfig(text, `${name}.conf`)]),
    );
    const whole = { host: undefined, port: 0, asked: undefined, ...wish };
    return prepareSipPhones(parseCommandArguments(dev, ["app.ts", ...args]), config, whole);
  };

  it("may be without a password at 127.0.0.1, and nowhere else", async () => {
    const { place, phones } = await prepare(["--phone", "100:"], {}, { host: "127.0.0.1" });
    assert.equal(place?.host, "127.0.0.1");
    assert.deepEqual(phones, [{ number: "100", password: "" }]);
    await assert.rejects(prepare(["--phone", "100:"], {}, { host: "0.0.0.0" }), {
      message: "phone 100 has no password, and SIP at 0.0.0.0 is open to the network",
    });
    await assert.rejects(prepare(["--phone", "100:100"], {}, { host: "0.0.0.0" }), /its own number/);
    await assert.rejects(
      prepare([], { regfile: "[200]\npassword=\n" }, { host: "0.0.0.0" }),
      /\[config-invalid\] regfile\.conf: phone 200 has no password/,
    );
    const open = await prepare(["--phone", "100:7hD2kq"], {}, { host: "0.0.0.0" });
    assert.equal(open.place?.host, "0.0.0.0");
  });

  it("are found where ysipchan.conf says, which counts as open without an address", async () => {
    const files = {
      ysipchan: "[listener tls]\ntype=tls\n[listener lan]\nport=5071\n[listener off]\nenable=no\n",
    };
    const { place } = await prepare([], files, { host: "127.0.0.1" });
    assert.deepEqual(place, { host: "0.0.0.0", port: 5071 });
    await assert.rejects(prepare(["--phone", "100:"], files, {}), /open to the network/);
    await assert.rejects(prepare([], files, { host: "127.0.0.1", asked: "--sip-port" }), {
      message: "ysipchan.conf says where SIP is; --sip-port does as well",
    });
  });

  it("are nowhere when nobody asked for it", async () => {
    const { config, place } = await prepare([], {}, {});
    assert.equal(place, undefined);
    assert.equal(config.ysipchan, undefined);
  });
});

describe("how to point a phone at the engine", () => {
  it("is told with address, user, password and transport", () => {
    const place = { host: "127.0.0.1", port: 5061 };
    const common = { place, style, transports: ["UDP", "TCP"], opening: "--host 0.0.0.0" };
    assert.deepEqual(guideLines({ ...common, phones: [phone], target: "ivr", secrets: true }), [
      "SIP at 127.0.0.1:5061, UDP and TCP",
      "phone 100: server (domain) 127.0.0.1:5061, user 100, password secret, transport UDP",
      "a softphone on this machine can call sip:ivr@127.0.0.1:5061; an account is needed only if the app asks for one",
      "phones elsewhere in the network need an address of it: --host 0.0.0.0",
    ]);
    const kept = guideLines({ ...common, phones: [phone], target: undefined, secrets: false }).join("\n");
    assert.equal(kept.includes("secret"), false);
    const listeners = [
      { transport: "tls", port: 5061 },
      { transport: "udp", port: 5060 },
    ];
    assert.deepEqual(transportsAt(place, listeners), ["TLS"]);
    const none = guideLines({
      ...common,
      place: { host: "::1", port: 5060 },
      phones: [],
      target: "ivr",
      secrets: true,
    });
    assert.ok(none.includes("--phone 100:PASSWORD lets a phone register as 100"));
    assert.ok(none.includes("SIP at [::1]:5060, UDP and TCP"));
  });

  it("is a code whose cells are those of the QR code, black on white on any terminal", () => {
    const { data } = encode("sip:100@192.0.2.1", { ecc: "M", border: 2 });
    const rows = codeLines("sip:100@192.0.2.1").map((line) => {
      assert.ok(line.startsWith("\x1b[30;107m") && line.endsWith("\x1b[0m"));
      return line.slice("\x1b[30;107m".length, -"\x1b[0m".length);
    });
    const cells = rows.flatMap((row) => [
      [...row].map((cell) => cell === "█" || cell === "▀"),
      [...row].map((cell) => cell === "█" || cell === "▄"),
    ]);
    assert.deepEqual(cells.slice(0, data.length), data);
  });

  it("is an account in XML, whatever the password has in it", () => {
    const odd = { number: "100", password: `<&"'>` };
    const wave = waveAccount(odd, "192.0.2.1:5060");
    assert.match(wave, /<RegisterServer>192\.0\.2\.1:5060<\/RegisterServer><UserID>100<\/UserID>/);
    assert.match(wave, /<AuthPass>&lt;&amp;&quot;&apos;&gt;<\/AuthPass>/);
    const linphone = linphoneAccount(odd, "192.0.2.1", "192.0.2.1:5062");
    assert.match(linphone, /<entry name="passwd" overwrite="true">&lt;&amp;&quot;&apos;&gt;<\/entry>/);
    assert.match(
      linphone,
      /<entry name="reg_identity" overwrite="true">&lt;sip:100@192\.0\.2\.1:5062&gt;<\/entry>/,
    );
  });

  it("is at most three codes, and none for a phone without a password", async () => {
    const phones = ["1", "2", "3", "4"].map((number) => ({ number, password: "7hD2kq" }));
    const place = { host: "127.0.0.1", port: 5060 };
    const codes = await createCodes("wave", {
      place,
      phones: [{ number: "0", password: "" }, ...phones],
      style,
    });
    const named = codes.lines.filter((line) => line.startsWith("phone "));
    assert.deepEqual(
      named.map((line) => line.slice(0, 8)),
      ["phone 1:", "phone 2:", "phone 3:"],
    );
    assert.equal(codes.lines.at(-1), "2 more without a code");
    await codes.close();
  });
});

describe("the web server for accounts", () => {
  const documents = new Map([
    ["100", "<one/>"],
    ["200", "<two/>"],
  ]);

  it("gives each account at its own secret URL three times, and nothing else", async () => {
    const server = await startProvisioning("127.0.0.1", documents);
    try {
      const [one = "", two = ""] = [server.urls.get("100"), server.urls.get("200")];
      assert.notEqual(one, two);
      assert.match(one, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}$/);
      assert.equal((await fetch(one, { method: "POST" })).status, 404);
      for (let load = 0; load < 3; load++) {
        const response = await fetch(one);
        assert.deepEqual([response.status, await response.text()], [200, "<one/>"]);
        assert.equal(response.headers.get("cache-control"), "no-store");
      }
      assert.equal((await fetch(one)).status, 404);
      assert.equal(await (await fetch(two)).text(), "<two/>");
      for (const path of ["/", "/100", "/../100", `${new URL(two).pathname}x`])
        assert.equal((await fetch(new URL(path, two))).status, 404, path);
    } finally {
      await server.close();
    }
  });

  it("gives none after fifteen minutes", async () => {
    const clock = createManualClock();
    const server = await startProvisioning("127.0.0.1", documents, clock);
    try {
      const url = server.urls.get("100") ?? "";
      await clock.advance(15 * 60_000 - 1);
      assert.equal((await fetch(url)).status, 200);
      await clock.advance(1);
      assert.equal((await fetch(url)).status, 404);
    } finally {
      await server.close();
    }
  });
});
