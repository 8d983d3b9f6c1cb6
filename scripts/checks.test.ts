import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { isExcused } from "./file-length.ts";
import { findPrivateNames, forbiddenNames } from "./private-names.ts";
import { capture, root, tool } from "./process.ts";
import { chooseTests, readCounts, testFlags } from "./test.ts";

const folder = mkdtempSync(join(tmpdir(), "yayts-checks-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("the linter", () => {
  it("knows types: it refuses floating and misused promises and switches that forget a case", async () => {
    const { $schema, vcs, ...config } = JSON.parse(readFileSync(resolve(root, "biome.json"), "utf8"));
    assert.ok($schema && vcs);
    write("biome.json", JSON.stringify(config));
    write("work.ts", "export async function work(): Promise<number> {\n  return 1;\n}\n");
    const code = `import { work } from "./work.ts";
export function f(kind: "a" | "b"): void {
  work();
  [1].forEach(async () => {
    await work();
  });
  switch (kind) {
    case "a":
      break;
  }
}
`;
    const file = write("uses.ts", code);
    const { ok, output } = await capture(tool("biome"), ["lint", "--reporter=concise", file], {
      cwd: folder,
    });
    assert.equal(ok, false);
    assert.match(output, /:3:\d+: lint\/nursery\/noFloatingPromises/);
    assert.match(output, /:4:\d+: lint\/nursery\/noMisusedPromises/);
    assert.match(output, /:7:\d+: lint\/nursery\/useExhaustiveSwitchCases/);
  });
});

describe("a run of tests", () => {
  const run = (
    name: string,
    text: string,
  ): { status: number | null; counts: ReturnType<typeof readCounts> } => {
    const file = write(name, text);
    const countsFile = join(folder, `${name}.json`);
    // Inside a test, node --test would take itself for a nested run and report elsewhere.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status } = spawnSync(process.execPath, [...testFlags(countsFile), file], { cwd: folder, env });
    return { status, counts: readCounts(countsFile) };
  };

  it("counts what passed, failed and was skipped", () => {
    const text = `import { test } from "node:test";
      test("good", () => {}); test("also", () => {});
      test("bad", () => { throw new Error("x"); });
      test("skipped", { skip: "why" }, () => {});`;
    assert.deepEqual(run("mixed.test.mjs", text), {
      status: 1,
      counts: { passed: 2, failed: 1, skipped: 1, failedFiles: [join(folder, "mixed.test.mjs")] },
    });
  });

  it("does not take a file without tests for a passed test", () => {
    assert.deepEqual(run("empty.test.mjs", "export {};"), {
      status: 0,
      counts: { passed: 0, failed: 0, skipped: 0, failedFiles: [] },
    });
  });

  it("counts a file that crashes as failed", () => {
    const { status, counts } = run("crash.test.mjs", "process.exit(3);");
    const failedFiles = [join(folder, "crash.test.mjs")];
    assert.deepEqual(
      { status, counts },
      { status: 1, counts: { passed: 0, failed: 1, skipped: 0, failedFiles } },
    );
  });

  it("that left no counts has failed", () => {
    assert.deepEqual(readCounts(join(folder, "nothing.json")), {
      passed: 0,
      failed: 1,
      skipped: 0,
      failedFiles: [],
    });
  });

  it("takes the files whose path holds a given name, and those for a real YATE only when asked", () => {
    assert.deepEqual(chooseTests(["scripts/checks"], false), [join("scripts", "checks.test.ts")]);
    assert.deepEqual(chooseTests([resolve(root, "scripts/checks.test.ts")], false), [
      join("scripts", "checks.test.ts"),
    ]);
    assert.deepEqual(chooseTests(["no such file"], false), []);
    assert.ok(chooseTests([], false).every((path) => !path.includes(join("test", "yate"))));
    assert.ok(chooseTests([], true).every((path) => path.includes(join("test", "yate"))));
  });
});

describe("the script behind every verb", () => {
  const forwarding = (child: string): string =>
    write(
      "forwarding.mjs",
      `import { forward } from ${JSON.stringify(resolve(root, "scripts/forward.mjs"))};
       process.exitCode = await forward(process.execPath, ["-e", ${JSON.stringify(child)}], { cwd: "." });`,
    );

  it("ends with the exit code of what it ran", () => {
    assert.equal(spawnSync(process.execPath, [forwarding("process.exit(7)")]).status, 7);
  });

  it("passes a signal on and waits for an orderly end", async () => {
    const text = `process.on("SIGTERM", () => { console.log("bye"); process.exit(5); });
                  setInterval(() => {}, 1000); console.log("up");`;
    const program = spawn(process.execPath, [forwarding(text)], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    program.stdout.setEncoding("utf8").on("data", (data: string) => {
      output += data;
      if (data.includes("up")) program.kill("SIGTERM");
    });
    const [code] = await once(program, "close");
    assert.deepEqual({ code, output }, { code: 5, output: "up\nbye\n" });
  });

  it("shows a program ended by a signal as a shell does", () => {
    assert.equal(
      spawnSync(process.execPath, [forwarding('process.kill(process.pid, "SIGKILL")')]).status,
      137,
    );
  });

  it("explains itself for a verb it does not know", () => {
    const { status, stderr } = spawnSync(process.execPath, [resolve(root, "scripts/task.mjs"), "tset"], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.match(stderr, /unknown verb: tset\nusage: /);
  });
});

describe("the check of private names", () => {
  const forbidden = forbiddenNames("https://packages.example.test:8443/npm/", [
    "/data/jo/yayts",
    "/data/jo",
    "/root",
    "/",
  ]);
  const hits = (text: string, path = "a.ts"): number => findPrivateNames(path, text, forbidden).length;

  it("finds the registry's host and the folders of this machine", () => {
    assert.deepEqual(
      findPrivateNames("a.ts", "x\nfetch('https://packages.example.test:8443/x')", forbidden),
      ["a.ts:2: names packages.example.test:8443"],
    );
    assert.equal(hits('import "/data/jo/shared/x.ts"'), 1);
    assert.equal(hits("file:///data/jo"), 1);
  });

  it("leaves relative paths, longer names and everybody's folders alone", () => {
    assert.equal(hits("./some/data/jo/x"), 0);
    assert.equal(hits("/data/jonas/x"), 0);
    assert.equal(hits("mypackages.example.test:8443"), 0);
    assert.equal(hits("/root/x /tmp/y"), 0);
  });

  it("wants a lock file without places of download", () => {
    const line = '"resolved": "https://elsewhere.example.test/x.tgz",';
    assert.equal(hits(line, "package-lock.json"), 1);
    assert.equal(hits('"resolved": "examples", "link": true', "package-lock.json"), 0);
  });
});

describe("the check of lengths", () => {
  it("excuses tables of data that say so in their first lines, and generated files", () => {
    assert.ok(isExcused("src/a.ts", "// table of data: the tones\n"));
    assert.ok(isExcused("src/a.ts", "/**\n * table of data: the tones\n */\n"));
    assert.ok(isExcused("src/a.generated.ts", ""));
    assert.ok(!isExcused("src/a.ts", `${"\n".repeat(9)}// table of data\n`));
    assert.ok(!isExcused("src/a.ts", "const x = 1; // no table of data\n"));
  });
});
