import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { createManualClock } from "../../base/index.ts";
import { createPrompts } from "./index.ts";

/** A folder with empty files of these names. */
function folderOf(t: TestContext, ...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "yayts-prompts-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

const shipped = createPrompts();
const packageFolder = shipped.folders[0] ?? "";

for (const [name, language, file] of [
  ["digits/5", "pl", "digits/pl/5.gsm"],
  ["digits/5", "en", "digits/en/5.gsm"],
  ["digits/*", "pl", "digits/pl/star.gsm"],
  ["digits/#", "en", "digits/en/pound.gsm"],
  ["welcome", "pl", "pl/welcome.gsm"],
  ["welcome", "pl-PL", "pl/welcome.gsm"],
  ["welcome", "de", "en/welcome.gsm"],
  ["en/welcome", "pl", "en/welcome.gsm"],
  ["en:welcome", "pl", "en/welcome.gsm"],
  ["en:digits/*", "pl", "digits/en/star.gsm"],
  ["digits/en/5", "pl", "digits/en/5.gsm"],
  ["beep", "pl", "beep.gsm"],
  ["beep.gsm", "pl", "beep.gsm"],
] as const) {
  test(`the package's prompt ${name} in ${language} is ${file}`, async () => {
    const found = await shipped.resolve(name, { language });
    assert.equal(found.kind, "found");
    assert.equal(found.kind === "found" && found.path, join(packageFolder, file));
  });
}

test("the program's folders come before the package's, and a language's own tree before the folders inside", async (t) => {
  const folder = folderOf(t, "pl/digits/5.wav", "digits/pl/5.wav", "digits/pl/6.wav", "digits/7.wav");
  const prompts = createPrompts({ folders: [folder], language: "pl" });
  const paths = await Promise.all(["5", "6", "7", "8"].map((digit) => prompts.resolve(`digits/${digit}`)));
  assert.deepEqual(
    paths.map((found) => found.kind === "found" && [found.path, found.language]),
    [
      [join(folder, "pl/digits/5.wav"), "pl"],
      [join(folder, "digits/pl/6.wav"), "pl"],
      [join(folder, "digits/7.wav"), undefined],
      [join(packageFolder, "digits/pl/8.gsm"), "pl"],
    ],
  );
});

test("a prompt in the language that was asked for wins over one in the default language of an earlier folder", async (t) => {
  const prompts = createPrompts({ folders: [folderOf(t, "en/goodbye.wav")] });
  const found = await prompts.resolve("goodbye", { language: "pl" });
  assert.equal(found.kind === "found" && found.path, join(packageFolder, "pl/goodbye.gsm"));
});

test("of files with one name the ending decides: wav, au, slin, alaw, mulaw, gsm, mp3, ogg, opus", async (t) => {
  const endings = ["wav", "au", "slin", "alaw", "mulaw", "gsm", "mp3", "ogg", "opus"];
  const clock = createManualClock();
  const folder = folderOf(t, ...endings.map((ending) => `hello.${ending}`));
  const prompts = createPrompts({ folders: [folder], clock });
  for (const ending of endings) {
    const found = await prompts.resolve("hello");
    assert.equal(found.kind === "found" && found.path, join(folder, `hello.${ending}`));
    rmSync(join(folder, `hello.${ending}`));
    await clock.advance(1000);
  }
  assert.equal((await prompts.resolve("hello")).kind, "missing");
});

test("a name with an ending finds that file and no other", async (t) => {
  const folder = folderOf(t, "v1.2.wav", "hello.gsm", "en/hello.mp3");
  const prompts = createPrompts({ folders: [folder], packageSounds: false });
  const kinds = await Promise.all(
    ["hello.gsm", "hello.mp3", "hello.wav", "v1.2"].map(async (name) => (await prompts.resolve(name)).kind),
  );
  assert.deepEqual(kinds, ["found", "found", "missing", "found"]);
});

test("a file that appears is found when the listing is a second old", async (t) => {
  const folder = folderOf(t, "one.wav");
  const clock = createManualClock();
  const prompts = createPrompts({ folders: [folder], packageSounds: false, clock });
  assert.equal((await prompts.resolve("two")).kind, "missing");
  writeFileSync(join(folder, "two.wav"), "");
  assert.equal((await prompts.resolve("two")).kind, "missing");
  await clock.advance(1000);
  assert.equal((await prompts.resolve("two")).kind, "found");
});

test("a missing prompt tells where it was looked for and what is spelt nearly so", async (t) => {
  const folder = folderOf(t, "menu/main.wav");
  const prompts = createPrompts({ folders: [folder] });
  const outcome = await prompts.resolve("menu/mian", { language: "pl" });
  assert.ok(outcome.kind === "missing");
  assert.deepEqual(outcome.lookedAt.slice(0, 3), [
    join(folder, "pl/menu/mian"),
    join(folder, "menu/pl/mian"),
    join(folder, "menu/mian"),
  ]);
  assert.equal(outcome.nearest, "menu/main");
  assert.match(outcome.text, /^there is no prompt "menu\/mian" \(did you mean menu\/main\?\); looked at /);

  for (const [name, nearest] of [
    ["welcom", "welcome"],
    ["digit/5", "digits/5"],
    ["something else", undefined],
  ]) {
    const other = await shipped.resolve(name ?? "");
    assert.equal(other.kind === "missing" && other.nearest, nearest, name);
  }
});

for (const name of [
  "",
  "a\0b",
  "..",
  "../secret",
  "digits/../../secret",
  "digits/..",
  "digits//5",
  "digits/./5",
  "digits\\..\\5",
  "x".repeat(2000),
  "file://elsewhere/x.wav",
]) {
  test(`${JSON.stringify(name.slice(0, 30))} is refused as a name`, async () => {
    assert.equal((await shipped.resolve(name)).kind, "refused");
  });
}

test("a language that is no tag is refused: it names a folder", async () => {
  assert.equal((await shipped.resolve("welcome", { language: "../x" })).kind, "refused");
  assert.throws(() => createPrompts({ language: "no tag" }), /bad-argument/);
});

test("no key that a caller can send leads out of the folders", async (t) => {
  const folder = join(folderOf(t, "secret.wav", "in/digits/en/1.wav"), "in");
  const prompts = createPrompts({ folders: [folder], packageSounds: false });
  const part = fc.constantFrom("..", "/", ".", "secret", "en", "1", "\\", "*", "#", ".wav", "\0", "%2e");
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
      const found = await prompts.resolve(`digits/${parts.join("")}`);
      assert.ok(found.kind !== "found" || found.path.startsWith(join(folder, "digits")));
    }),
  );
});

test("a path is taken as it is: from the root, from the base folder, or as a URL", async (t) => {
  const folder = folderOf(t, "my/file.wav", "odd.name", "en/file.wav");
  const prompts = createPrompts({ baseFolder: join(folder, "my"), packageSounds: false });
  for (const [name, path] of [
    [join(folder, "my/file.wav"), "my/file.wav"],
    [join(folder, "my/file"), "my/file.wav"],
    ["./file.wav", "my/file.wav"],
    ["./../odd.name", "odd.name"],
    [pathToFileURL(join(folder, "odd.name")).href, "odd.name"],
  ] as const) {
    const found = await prompts.resolve(name);
    assert.equal(found.kind === "found" && found.path, join(folder, path), name);
  }
  assert.deepEqual(await prompts.resolve(folder), {
    kind: "missing",
    name: folder,
    lookedAt: [folder],
    nearest: undefined,
    text: `there is no prompt ${JSON.stringify(folder)}; looked at ${folder}`,
  });
});
