import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { compressedPageBytes } from "./build-page.ts";
import { capture, root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The check fails over it. The time of an import is reported only: other work on the machine would fail it. */
  readonly budget?: number;
}

/** Measures the package as it would be published (build first). */
export async function sizeReport(): Promise<StepResult> {
  const packed = await capture("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"]);
  if (!packed.ok) return { ok: false, report: packed.output };
  const { size, unpackedSize, entryCount } = packageOf(packed.stdout);
  const { dependencies = {} } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
  const measures: Measure[] = [
    { name: "tarball", value: Math.round(size / 1024), unit: "KiB", budget: 1472 },
    { name: "unpacked", value: Math.round(unpackedSize / 1024), unit: "KiB" },
    { name: "files", value: entryCount, unit: "" },
    {
      name: "console's page, compressed",
      value: Math.round(compressedPageBytes() / 1000),
      unit: "kB",
      budget: 300,
    },
    { name: "runtime dependencies", value: Object.keys(dependencies).length, unit: "" },
    { name: "import of yayts", value: await importTime(), unit: "ms" },
  ];
  const over = measures.filter(({ value, budget }) => !(value <= (budget ?? Number.MAX_VALUE)));
  return {
    ok: over.length === 0,
    note: measures.map(({ name, value, unit }) => `${name} ${value}${unit && ` ${unit}`}`).join(", "),
    report: over
      .map(({ name, value, unit, budget }) => `${name}: ${value} ${unit}, allowed ${budget}`)
      .join("\n"),
  };
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

/** `npm pack --json` prints a list; the npm to come prints an object with the package's name as the key. */
function packageOf(json: string): Packed {
  const [first] = Object.values<Packed>(JSON.parse(json));
  if (!first) throw new Error("npm pack named no package");
  return first;
}

/** The best of three fresh processes, in milliseconds; NaN, which no budget allows, if it cannot be imported. */
async function importTime(): Promise<number> {
  const code = `const t = performance.now(); await import("yayts"); console.log(performance.now() - t)`;
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const { ok, stdout } = await capture(process.execPath, ["--input-type=module", "-e", code]);
    times.push(ok ? Math.round(Number(stdout)) : Number.NaN);
  }
  return Math.min(...times);
}

if (import.meta.main) await runAlone(sizeReport());
