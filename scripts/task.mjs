// The one entry of every npm script: `node scripts/task.mjs <verb> [args]`.
// Plain JavaScript on purpose: it runs on any Node from 20 on, before anything is installed. It sets up
// the checkout when needed and then runs the verb on the Node that package-lock.json names.

import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { forward } from "./forward.mjs";
import { ensureSetup, root, SetupError } from "./setup.mjs";

const cli = resolve(root, "src/cli/main.ts");
const script = (name) => resolve(root, "scripts", name);

/** Verb → [what it does, program and arguments for Node, working directory (default: the repository)]. */
const verbs = {
  start: [
    "the keyecho example with a call placed into it, and the console",
    [cli, "dev", "examples/keyecho.ts", "--sample"],
  ],
  test: ["the tests; names of files restrict them, --flags go to node --test", [script("test.ts")]],
  "test:yate": ["the tests against the real YATE that YAYTS_YATE names", [script("test.ts"), "--yate"]],
  check: ["all checks, or those named; --no-tests", [script("check.ts")]],
  format: ["format, and repair what the linter can", [script("format.ts")]],
  build: ["compile src/ into dist/", [script("build.ts")]],
  generate: ["write the generated sources again", [script("generate.ts")]],
  exports: ["the public exports against docs/exports.json; --write", [script("exports.ts")]],
  bench: ["the benchmarks; [name] [--json FILE]", [resolve(root, "bench/run.ts")]],
  screenshots: ["make the pictures of the console in docs/images again", [script("screenshots.ts")]],
  yayts: ["the command line from source", [cli], process.cwd()],
};

const [verb = "help", ...args] = process.argv.slice(2);
if (!Object.hasOwn(verbs, verb)) {
  const list = Object.entries(verbs).map(([name, [about]]) => `  ${name.padEnd(11)} ${about}`);
  const help = `usage: npm run <verb> [-- arguments]\n\n${list.join("\n")}`;
  const asked = ["help", "--help", "-h"].includes(verb);
  console.error(asked ? help : `unknown verb: ${verb}\n${help}`);
  process.exit(asked ? 0 : 2);
}

try {
  const { node, env } = await ensureSetup();
  const [, program, cwd = root] = verbs[verb];
  if (!existsSync(program[0])) throw new SetupError(`${verb}: there is no ${relative(root, program[0])} yet`);
  const run = (args, where) => forward(node, ["--conditions=yayts-source", ...args], { cwd: where, env });
  // Without its page the console says what to do: no reason not to start.
  if (verb === "start") await run([script("fresh-page.ts")], root);
  process.exitCode = await run([...program, ...args], cwd);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
