import assert from "node:assert/strict";
import { test } from "node:test";
import { createUsersBench, type UsersBench } from "../../../test/users-bench.ts";
import type { EngineModule } from "../../engine/index.ts";
import { accfile } from "./accfile.ts";

const accounts = `
[provider]
username=alice
password=secret
registrar=192.0.2.1
operation=create

[off]
enabled=no
username=bob

[bare]
registrar=192.0.2.2

[anonymous]
enabled=yes
protocol=iax
`;

/** An engine with those accounts, and each `user.login` that it has sent. */
async function bench(): Promise<{ it: UsersBench; logins: Record<string, string>[] }> {
  const logins: Record<string, string>[] = [];
  const watcher: EngineModule = {
    name: "watcher",
    start(engine) {
      engine.kernel.hook(({ name, params }) => {
        if (name !== "user.login") return;
        const { handlers, ...rest } = params.toObject();
        logins.push(rest);
      });
    },
  };
  const it = await createUsersBench([watcher, accfile()], { accfile: accounts });
  await it.pass(0);
  return { it, logins };
}

test("each account that is not switched off is logged in when the engine has started, by SIP if it does not say", async () => {
  const { it, logins } = await bench();
  await using _ = it;
  assert.deepEqual(logins, [
    {
      username: "alice",
      password: "secret",
      registrar: "192.0.2.1",
      protocol: "sip",
      account: "provider",
      operation: "login",
    },
    { enabled: "yes", protocol: "iax", account: "anonymous", operation: "login" },
  ]);
});

test("the command line logs all or one of them in and out again", async () => {
  const { it, logins } = await bench();
  await using _ = it;
  logins.length = 0;
  const all = await it.send("engine.command", { line: "accounts logout" });
  const one = await it.send("engine.command", { line: "accounts login provider" });
  await it.pass(0);
  assert.deepEqual([all.handled, one.handled], [true, true]);
  assert.deepEqual(
    logins.map(({ account, operation }) => [account, operation]),
    [
      ["provider", "logout"],
      ["anonymous", "logout"],
      ["provider", "login"],
    ],
  );
  const unknown = await it.send("engine.command", { line: "accounts login off" });
  assert.deepEqual([unknown.handled, unknown.retvalue], [true, "Accounts operation failed: login off\r\n"]);
  assert.equal((await it.send("engine.command", { line: "accountsx" })).handled, false);
});

test("status, help and completion name the accounts and never a password", async () => {
  const { it } = await bench();
  await using _ = it;
  const status = await it.send("engine.status", { module: "accfile" });
  assert.equal(status.retvalue, "name=accfile,type=misc;users=4;provider=alice,anonymous=\r\n");
  assert.equal(status.handled, true);
  const completion = await it.send("engine.command", { partline: "accounts login", partword: "p" });
  assert.equal(completion.retvalue, "provider");
  assert.match((await it.send("engine.help", { line: "accounts" })).retvalue, /accounts/);
  assert.equal(it.logged.join("\n").includes("secret"), false);
});
