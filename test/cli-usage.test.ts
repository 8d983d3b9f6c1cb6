import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { nearestName } from "../src/base/index.ts";
import { commands } from "../src/cli/command-table.ts";
import { assertNoStack, runCommand } from "./cli-process.ts";

describe("yayts", { concurrency: 2 }, () => {
  it("alone lists its commands and exits 0", async () => {
    const { code, out, err } = await runCommand([]);
    assert.equal(code, 0);
    assert.equal(err, "");
    for (const { name, summary } of commands) {
      assert.ok(out.includes(name), name);
      assert.ok(out.includes(summary), summary);
    }
  });

  it("help X and X --help are the same", async () => {
    const [one, other] = await Promise.all([
      runCommand(["help", "dev"]),
      runCommand(["dev", "x.ts", "--help"]),
    ]);
    assert.equal(one.code, 0);
    assert.equal(other.code, 0);
    assert.equal(one.out, other.out);
  });

  it("X --help tells every option, example and exit code", async () => {
    for (const command of commands.filter(({ name }) => name !== "help")) {
      const { out } = await runCommand([command.name, "--help"]);
      for (const { name } of command.options)
        assert.ok(out.includes(`--${name}`), `${command.name} --${name}`);
      for (const [line] of command.examples) assert.ok(out.includes(line), line);
      assert.match(out, /^ {2}2 {2}/m);
    }
  });

  it("--version tells the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    assert.equal((await runCommand(["--version"])).out, `yayts ${version}\n`);
  });

  const wrong: [args: string[], says: RegExp][] = [
    [["trcae"], /^yayts: \[usage\] unknown command trcae; did you mean yayts trace\?\n$/],
    [
      ["xyzzy"],
      /^yayts: \[usage\] unknown command xyzzy; there are dev, run, call, trace, records, console, engine, help\n$/,
    ],
    [
      ["dev", "app.ts", "--prot", "1"],
      /^yayts: \[usage\] yayts dev has no option --prot; did you mean --port\?\n$/,
    ],
    [["call"], /^yayts: \[usage\] yayts call needs <target>; see yayts help call\n$/],
    [
      ["call", "ivr", "--yate"],
      /^yayts: \[usage\] --yate needs a value: --yate ADDRESS; see yayts help call\n$/,
    ],
    [["call", "ivr", "extra"], /^yayts: \[usage\] yayts call cannot use extra; see yayts help call\n$/],
    [["call", "ivr", "--press", "1x"], /^yayts: \[usage\] --press cannot press "x"; keys are .*\n$/],
    [
      ["call", "ivr", "--timeout", "soon"],
      /^yayts: \[usage\] --timeout must be a whole number of at least 1, not soon; .*\n$/,
    ],
    [
      ["call", "ivr", "--record", "a.mp3"],
      /^yayts: \[usage\] --record cannot write a\.mp3; name a \.wav, .*\n$/,
    ],
    [["dev", "a.ts", "--sample=yes"], /^yayts: \[usage\] --sample takes no value, not yes; .*\n$/],
    [
      ["call", "ivr", "--yate", "pbx"],
      /^yayts: \[usage\] --yate: "pbx" is no address of an engine; write tcp:.*\n$/,
    ],
    [["engine", "--global", "here"], /^yayts: \[usage\] --global must be HOST:PORT, not here; .*\n$/],
    [["run", "app.ts"], /^yayts: \[usage\] where is the engine\?; yayts run app\.ts --yate tcp:.*\n$/],
    [["dev", "none.ts"], /^yayts: \[app-missing\] the app file none\.ts does not exist; check the path\n$/],
    [
      ["run", "none.ts", "--stdio"],
      /^yayts: \[app-missing\] the app file none\.ts does not exist; check the path\n$/,
    ],
    [["dev", "."], /^yayts: \[app-missing\] \. is a folder; name the app's file, .*\n$/],
  ];
  for (const [args, says] of wrong) {
    it(`${args.join(" ")} exits 2 and says what to do`, async () => {
      const { code, out, err } = await runCommand(args);
      assert.equal(code, 2);
      assert.match(err.replace(/\n {2}/, "; "), says);
      assert.equal(out, "");
      assertNoStack(err);
    });
  }

  it("uses colours on demand only", async () => {
    const coloured = async (env: NodeJS.ProcessEnv): Promise<boolean> =>
      (await runCommand(["help", "call"], { env })).out.includes("\u001b[");
    assert.equal(await coloured({}), false);
    assert.equal(await coloured({ FORCE_COLOR: "1" }), true);
    assert.equal(await coloured({ FORCE_COLOR: "1", NO_COLOR: "1" }), false);
  });

  it("--verbose adds the stack of an error", async () => {
    const { err } = await runCommand(["dev", "none.ts", "--verbose"]);
    assert.match(err, /^ +at /m);
  });
});

describe("a suggestion", () => {
  it("is the candidate that a slip of the finger makes the word", () => {
    assert.equal(nearestName("prot", ["port", "press"]), "port");
    assert.equal(nearestName("recrod", ["record", "press"]), "record");
    assert.equal(nearestName("h", ["help", "dev"]), undefined);
    assert.equal(nearestName("banana", ["call", "dev"]), undefined);
  });
});
