#!/usr/bin/env node
// Looks at the version of Node before anything is imported that an old one could not even read.

const oldest = 22;
const running = process.versions.node;

if (Number.parseInt(running, 10) < oldest) {
  process.stderr.write(
    `yayts: [node-too-old] yayts needs Node ${oldest} or newer, this is Node ${running}; install a newer one from https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else {
  const { runCommandLine } = await import("./command-line.ts");
  await runCommandLine(process.argv.slice(2));
}

export {};
