import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createUsersBench, type UsersBench } from "../../../test/users-bench.ts";
import { createManualClock } from "../../base/index.ts";
import { callfork } from "../callfork/callfork.ts";
import { dumb } from "../dumb.ts";
import { regexroute } from "../regexroute/regexroute.ts";
import { regfile } from "./regfile.ts";

const users = `
[general]
[100]
password=secret
callername=Alice from \${address}
alternatives=500,501

[200]
password=
alternatives=500

[300]
`;

const bench = (config = users): Promise<UsersBench> => createUsersBench([regfile()], { regfile: config });

describe("user.auth", () => {
  it("gives the driver the password of a user, and sets what the section says", async () => {
    await using it = await bench();
    const { handled, retvalue, params } = await it.send("user.auth", { username: "100", address: "here" });
    assert.equal(handled, true);
    assert.equal(retvalue, "secret");
    assert.equal(params.callername, "Alice from here");
    assert.deepEqual([params.password, params.alternatives], [undefined, undefined]);
  });

  it("accepts a user with an empty password, and knows nothing of others", async () => {
    await using it = await bench();
    const open = await it.send("user.auth", { username: "200" });
    assert.deepEqual([open.handled, open.retvalue], [true, ""]);
    for (const username of ["300", "400", "general", ""])
      assert.equal((await it.send("user.auth", { username })).handled, false, username);
    assert.equal((await it.send("user.auth", {})).handled, false);
    assert.equal((await it.send("user.auth", { username: "100", auth_regfile: "no" })).handled, false);
  });

  it("never logs a password", async () => {
    await using it = await bench("[100]\npassword=tell-nobody\nautocreate=\n[general]\nauth=x\n");
    await it.send("user.auth", { username: "100" });
    await it.register("100", "sip/a");
    await it.send("user.unregister", { username: "100" });
    assert.notEqual(it.logged.length, 0);
    assert.equal(it.logged.join("\n").includes("tell-nobody"), false);
  });
});

describe("a registered user", () => {
  it("is called where it is registered, with the driver and the parameters it asked for", async () => {
    await using it = await bench();
    const { handled } = await it.register("100", "sip/sip:100@192.0.2.1", {
      route_params: "oconnection_id,missing",
      oconnection_id: "general",
      device: "phone",
    });
    assert.equal(handled, true);
    const { retvalue, params, handled: routed } = await it.route("100");
    assert.deepEqual([routed, retvalue], [true, "sip/sip:100@192.0.2.1"]);
    assert.deepEqual([params.driver, params.oconnection_id, params.device], ["sip", "general", undefined]);
  });

  it("is offline before it registers and after it unregisters; a stranger is nothing", async () => {
    await using it = await bench();
    const offline = await it.route("100");
    assert.deepEqual([offline.handled, offline.params.error], [false, "offline"]);
    await it.register("100", "sip/a");
    assert.equal((await it.send("user.unregister", { username: "100" })).handled, true);
    assert.equal((await it.route("100")).params.error, "offline");
    assert.equal((await it.send("user.unregister", { username: "100" })).handled, false);
    const stranger = await it.route("999");
    assert.deepEqual([stranger.handled, stranger.params.error], [false, undefined]);
    assert.equal((await it.register("999", "sip/x")).handled, false);
    assert.equal((await it.register("general", "sip/x")).handled, false);
    assert.equal((await it.send("user.register", { username: "100" })).handled, false, "without data");
  });

  it("is gone at the millisecond its time is over", async () => {
    await using it = await bench();
    await it.register("100", "sip/a", { expires: 60 });
    await it.pass(59_999);
    assert.equal((await it.route("100")).handled, true);
    await it.pass(1);
    assert.equal((await it.route("100")).params.error, "offline");
  });

  it("stays for ever without expires, and starts anew with each registration", async () => {
    await using it = await bench();
    await it.register("100", "sip/a", { expires: 0 });
    await it.register("300", "sip/b", { expires: 60 });
    await it.pass(40_000);
    await it.register("300", "sip/b", { expires: 60 });
    await it.pass(40_000);
    assert.equal((await it.route("300")).retvalue, "sip/b");
    await it.pass(100_000_000);
    assert.equal((await it.route("100")).handled, true);
    assert.equal((await it.route("300")).handled, false);
  });

  it("as a caller has its own parameters set before the call is routed", async () => {
    await using it = await bench();
    const { params } = await it.route("999", { caller: "100", address: "192.0.2.1:5060" });
    assert.equal(params.callername, "Alice from 192.0.2.1:5060");
    assert.equal(params.password, undefined);
    const off = await it.route("999", { caller: "100", route_regfile: "false" });
    assert.equal(off.params.callername, undefined);
  });

  it("is found by its alternatives: one of several users, or all of those who are there", async () => {
    await using it = await bench();
    assert.equal((await it.route("500")).params.error, "offline");
    await it.register("200", "sip/b");
    assert.equal((await it.route("500")).retvalue, "sip/b");
    assert.equal((await it.route("501")).params.error, "offline");
    await it.register("100", "sip/a");
    const both = await it.route("500");
    assert.equal(both.retvalue, "fork");
    assert.deepEqual([both.params["callto.1"], both.params["callto.2"]], ["sip/a", "sip/b"]);
  });

  it("loses what came over a connection that has ended, and the message stays unhandled", async () => {
    await using it = await bench();
    await it.register("100", "sip/a", { connection_id: "tcp:1" });
    await it.register("100", "sip/b", { connection_id: "tcp:2" });
    assert.equal((await it.send("user.unregister", { connection_id: "tcp:1" })).handled, false);
    assert.equal((await it.route("100")).retvalue, "sip/b");
  });
});

describe("several telephones of a user", () => {
  it("all ring, the newest first, each with its own parameters", async () => {
    await using it = await createUsersBench([dumb(), callfork(), regfile()], { regfile: users });
    await it.register("100", "dumb/desk", { route_params: "oconnection_id", oconnection_id: "lan" });
    await it.register("100", "dumb/pocket", { route_params: "oconnection_id", oconnection_id: "tcp:1" });
    const executed: unknown[] = [];
    it.engine.kernel.hook(({ name, params }) => {
      if (name === "call.execute" && params.get("fork.master"))
        executed.push([params.get("callto"), params.get("oconnection_id"), params.get("driver")]);
    });
    const call = await it.send("call.execute", { callto: "dumb/caller", target: "100" });
    assert.equal(call.handled, true);
    assert.deepEqual(executed, [
      ["dumb/pocket", "tcp:1", "sip"],
      ["dumb/desk", "lan", "sip"],
    ]);
  });

  it("unregister one by one by their data, or all together without", async () => {
    await using it = await bench();
    for (const data of ["sip/a", "sip/b", "sip/c"]) await it.register("100", data);
    const gone = await it.send("user.unregister", { username: "100", data: "sip/b" });
    assert.equal(gone.handled, true);
    const left = await it.route("100");
    assert.deepEqual([left.params["callto.1"], left.params["callto.2"]], ["sip/c", "sip/a"]);
    assert.equal((await it.send("user.unregister", { username: "100", data: "sip/x" })).handled, false);
    await it.send("user.unregister", { username: "100" });
    assert.equal((await it.route("100")).handled, false);
  });

  it("are ten at most; then the one that registered longest ago goes, and that is said", async () => {
    await using it = await bench();
    for (let n = 1; n <= 10; n++) await it.register("100", `sip/${n}`);
    await it.register("100", "sip/1");
    await it.register("100", "sip/11");
    const { params } = await it.route("100");
    assert.equal(params["callto.1"], "sip/11");
    assert.equal(params["callto.2"], "sip/1");
    assert.equal(params["callto.10"], "sip/3");
    assert.equal(params["callto.11"], undefined);
    assert.deepEqual(
      it.logged.filter((line) => line.includes("too many")),
      ["regfile: 100 has too many telephones; sip/2 is registered no more"],
    );
  });

  it("are told apart by their instance, or by Call-ID and contact when a NAT gave a new address", async () => {
    await using it = await bench();
    const instance = '<sip:100@10.0.0.1>;+sip.instance="<urn:uuid:1>"';
    await it.register("100", "sip/a", { sip_contact: instance, sip_callid: "one" });
    await it.register("100", "sip/b", { sip_contact: instance, sip_callid: "two" });
    assert.equal((await it.route("100")).retvalue, "sip/b", "a telephone that has been restarted");
    await it.register("300", "sip/c", { sip_callid: "x", sip_to: "sip:300@10.0.0.2" });
    await it.register("300", "sip/d", { sip_callid: "x", sip_to: "sip:300@10.0.0.2" });
    assert.equal((await it.route("300")).retvalue, "sip/d", "behind a NAT that has forgotten it");
    await it.register("300", "sip/e", { sip_callid: "y", sip_to: "sip:300@10.0.0.2" });
    assert.equal((await it.route("300")).retvalue, "fork", "two behind different NATs with the same address");
    await it.send("user.unregister", { username: "300", data: "sip/f", sip_callid: "y" });
    assert.equal((await it.route("300")).retvalue, "sip/d");
  });
});

describe("several contacts of one request", () => {
  it("are told apart by the instance that stands beside each", async () => {
    await using it = await bench();
    const common = {
      sip_callid: "one",
      sip_contact:
        '"A, B" <sip:100@10.0.0.1>;+sip.instance="<urn:uuid:1>", <sip:100@10.0.0.2>;+sip.instance="<urn:uuid:2>"',
    };
    await it.register("100", "sip/a", { ...common, sip_to: "sip:100@10.0.0.1" });
    await it.register("100", "sip/b", { ...common, sip_to: "sip:100@10.0.0.2" });
    const both = await it.route("100");
    assert.deepEqual([both.params["callto.1"], both.params["callto.2"]], ["sip/b", "sip/a"]);
    const restarted = { sip_callid: "two", sip_to: "sip:100@10.0.0.9" };
    const contact = '<sip:100@10.0.0.9>;expires=300;+sip.instance="<urn:uuid:1>"';
    await it.register("100", "sip/c", { ...restarted, sip_contact: contact });
    const after = await it.route("100");
    assert.deepEqual([after.params["callto.1"], after.params["callto.2"]], ["sip/c", "sip/b"]);
    assert.equal(after.params["callto.3"], undefined);
  });
});

describe("regfile", () => {
  it("makes users itself with autocreate", async () => {
    await using it = await bench("[general]\nautocreate=yes\n");
    assert.equal((await it.register("777", "sip/a")).handled, true);
    assert.equal((await it.route("777")).retvalue, "sip/a");
    await it.send("user.unregister", { username: "777" });
    const after = await it.route("777");
    assert.deepEqual([after.handled, after.params.error], [false, undefined]);
  });

  it("tells its users in the status, without what would break the line", async () => {
    await using it = await bench();
    const empty = await it.send("engine.status", { module: "regfile" });
    assert.equal(empty.retvalue, "name=regfile,type=misc;create=false,defined=3,users=0\r\n");
    assert.equal(empty.handled, false);
    await it.register("100", "sip/a\r\nb,c");
    await it.register("200", "sip/d");
    await it.register("200", "sip/e");
    assert.equal(
      (await it.send("engine.status", { module: "regfile" })).retvalue,
      "name=regfile,type=misc;create=false,defined=3,users=2;100=sip/a??b?c,200=sip/e|sip/d\r\n",
    );
    const short = await it.send("engine.status", { module: "regfile", details: "false" });
    assert.equal(short.retvalue, "name=regfile,type=misc;create=false,defined=3,users=2\r\n");
    assert.equal((await it.send("engine.status", { module: "dumb" })).retvalue, "");
    assert.equal(
      (await it.send("engine.command", { partline: "status", partword: "reg" })).retvalue,
      "regfile",
    );
    assert.equal((await it.send("engine.command", { partline: "status", partword: "x" })).retvalue, "");
  });

  it("leaves a number that the number plan routes to the number plan, if that comes first", async () => {
    await using it = await createUsersBench([regexroute(), regfile()], {
      regfile: users,
      regexroute: "[default]\n^100$=tone/busy\n",
    });
    await it.register("100", "sip/a");
    await it.register("200", "sip/b");
    assert.equal((await it.route("100")).retvalue, "tone/busy");
    assert.equal((await it.route("200")).retvalue, "sip/b");
  });

  it("takes the priorities of its configuration, and says what is none", async () => {
    await using it = await bench(
      `[general]\nauth=soon\nroute=20\nautocreate=perhaps\n${users.replace("[general]", "")}`,
    );
    it.engine.install({ name: "call.route", priority: 50, receive: () => true });
    await it.register("100", "sip/a");
    assert.equal((await it.route("100")).retvalue, "sip/a");
    assert.deepEqual(it.logged.slice(0, 2), [
      "regfile: [general] autocreate=perhaps is neither yes nor no",
      "regfile: [general] auth=soon is not a priority",
    ]);
  });
});

describe("the file of registrations", () => {
  async function inFolder(test: (file: string, folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "yayts-users-"));
    try {
      await test(join(folder, "state.json"), folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const withFile = (file: string, more = ""): string =>
    users.replace("[general]", `[general]\nfile=${file}\n${more}`);

  it("brings them back after a restart with the time they have left, but not over lost connections", async () => {
    await inFolder(async (file, folder) => {
      const clock = createManualClock();
      const before = await createUsersBench([regfile()], { regfile: withFile(file) }, clock);
      const more = { route_params: "oconnection_id", oconnection_id: "lan" };
      await before.register("100", "sip/a", { ...more, expires: 600 });
      await before.register("100", "sip/b", { expires: 0 });
      await before.register("200", "sip/c", { expires: 100 });
      await before.register("300", "sip/d", { connection_id: "tcp:1", connection_reliable: "true" });
      await before.stop();
      assert.deepEqual(await readdir(folder), ["state.json"]);
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      assert.equal((await readFile(file, "utf8")).includes("secret"), false);

      const later = createManualClock(clock.now() + 200_000);
      await using it = await createUsersBench([regfile()], { regfile: withFile(file) }, later);
      const back = await it.route("100");
      assert.deepEqual([back.params["callto.1"], back.params["callto.2"]], ["sip/b", "sip/a"]);
      assert.equal(back.params["callto.2.oconnection_id"], "lan");
      assert.equal((await it.route("200")).handled, false, "its time was over while nothing ran");
      assert.equal((await it.route("300")).handled, false, "its connection is no more");
      await it.pass(400_000);
      assert.equal((await it.route("100")).retvalue, "sip/b");
    });
  });

  it("is written a second after a change, and when the sweep finds one expired", async () => {
    await inFolder(async (file) => {
      await using it = await createUsersBench([regfile()], { regfile: withFile(file) });
      await it.register("100", "sip/a", { expires: 30 });
      await assert.rejects(stat(file), { code: "ENOENT" });
      await it.pass(1000);
      assert.match(await readFile(file, "utf8"), /"data": "sip\/a"/);
      await it.pass(40_000);
      assert.doesNotMatch(await readFile(file, "utf8"), /sip\/a/);
    });
  });

  it("that cannot be read is reported, and its readable part counts", async () => {
    await inFolder(async (file) => {
      for (const text of ["{", "[]", "null", '"x"', '{"kind":"other","users":[]}', "\0\0\0"]) {
        await writeFile(file, text);
        await using it = await createUsersBench([regfile()], { regfile: withFile(file) });
        assert.match(it.logged[0] ?? "", /has no registrations written by this engine/, text);
        assert.equal((await it.route("100")).params.error, "offline");
      }
      const good = { data: "sip/a", route: [], connection: "", reliable: false, expires: null };
      const contacts = [
        good,
        { ...good, data: 5 },
        { ...good, expires: "soon" },
        { ...good, route: [["x"]] },
        7,
      ];
      await writeFile(
        file,
        JSON.stringify({
          kind: "yayts registrations",
          users: [{ user: "100", contacts }, { user: "stranger", contacts: [good] }, null],
        }),
      );
      await using it = await createUsersBench([regfile()], { regfile: withFile(file) });
      assert.equal(it.logged[0], `regfile: 5 entries of ${file} cannot be read and are left out`);
      assert.equal((await it.route("100")).retvalue, "sip/a");
      assert.equal((await it.route("stranger")).handled, false);
    });
  });

  it("that cannot be written is reported once, and calls go on", async () => {
    await inFolder(async (_, folder) => {
      await using it = await createUsersBench([regfile()], { regfile: withFile(join(folder, "no", "such")) });
      for (const data of ["sip/a", "sip/b"]) {
        await it.register("100", data);
        await it.pass(1000);
      }
      assert.equal(it.logged.filter((line) => line.includes("cannot write")).length, 1);
      assert.equal((await it.route("100")).handled, true);
    });
  });
});
