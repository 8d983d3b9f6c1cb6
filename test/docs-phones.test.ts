import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { commands } from "../src/cli/command-table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, "utf8");
const phones = read("docs/phones.md");

/** The keys that a page's table of one file lists, as `section key`… by their names alone. */
function listed(file: string): Set<string> {
  const start = phones.indexOf(`### ${file}\n`);
  assert.ok(start >= 0, `docs/phones.md has no ### ${file}`);
  const end = phones.indexOf("\n#", start + 1);
  const rows = phones
    .slice(start, end)
    .split("\n")
    .filter((line) => line.startsWith("| "));
  // The second column has the keys.
  return new Set(
    rows.flatMap((row) => [...(row.split("|")[2] ?? "").matchAll(/`([\w-]+)`/g)].map(([, key = ""]) => key)),
  );
}

describe("docs/phones.md", () => {
  it("lists every key of ysipchan.conf and openssl.conf that is read", () => {
    const source = read("src/modules/sip/settings.ts");
    const keys = [
      ...source.matchAll(/(?:get|flag|number)\("\w+", "(\w+)"/g),
      ...source.matchAll(/(?:section|context)\??\.get\("(\w+)"\)/g),
    ].map(([, key = ""]) => key);
    assert.ok(keys.length > 25, `${keys.length} keys`);
    const known = new Set([...listed("ysipchan.conf"), ...listed("openssl.conf")]);
    assert.deepEqual(
      keys.filter((key) => !known.has(key)),
      [],
    );
  });

  it("lists every key of yrtpchan.conf that is read", () => {
    const [, list = ""] =
      /const known[^=]*= \{([\s\S]*?)\n\};/.exec(read("src/modules/rtp/settings.ts")) ?? [];
    const keys = [...list.matchAll(/"(\w+)"/g)].map(([, key = ""]) => key);
    assert.ok(keys.length > 10, `${keys.length} keys`);
    const known = listed("yrtpchan.conf");
    assert.deepEqual(
      keys.filter((key) => !known.has(key)),
      [],
    );
  });
});

describe("the commands that the pages print", () => {
  it("have only options that there are, and apps that there are", () => {
    let count = 0;
    for (const page of ["README.md", ...globSync("docs/*.md", { cwd: root })]) {
      const fences = [...read(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, body = ""]) =>
        body.split("\n"),
      );
      for (const line of fences) {
        const [, name, rest = ""] = /^(?:[A-Z_]+=\S+ )*(?:npx )?yayts ([a-z]+) ([^#]*)/.exec(line) ?? [];
        const command = commands.find((one) => one.name === name);
        if (name === undefined) continue;
        count++;
        assert.ok(command, `${page}: ${line}`);
        for (const [, option] of rest.matchAll(/(?:^| )--([a-z-]+)/g))
          assert.ok(
            command.options.some((one) => one.name === option),
            `${page}: --${option} in: ${line}`,
          );
        const [, app] = /(examples\/\S+\.ts)/.exec(rest) ?? [];
        if (app) assert.ok(globSync(app, { cwd: root }).length === 1, `${page}: ${line}`);
      }
    }
    assert.ok(count > 20, `${count} commands`);
  });
});
