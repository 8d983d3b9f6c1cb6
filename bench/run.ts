/**
 * Runs the benchmarks: `npm run bench [-- name…] [--json FILE]`. A name selects files by their beginning. Prints a table
 * as it goes; exit code 1 when a target was missed, 2 for a usage error.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Row } from "./row.ts";

interface Bench {
  /** Rows of this benchmark; a text says why it cannot run here. */
  bench(): Promise<Row[] | string>;
}

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  client: () => import("./client.ts"),
  engine: () => import("./engine.ts"),
  calls: () => import("./calls.ts"),
  callkit: () => import("./call-kit.ts"),
  sip: () => import("./sip-parser.ts"),
  sipcalls: () => import("./sip-calls.ts"),
  sipmemory: () => import("./sip-memory.ts"),
  rtp: () => import("./rtp.ts"),
  rtpcalls: () => import("./rtp-calls.ts"),
  console: () => import("./console.ts"),
  consolepage: () => import("./console-page.ts"),
  yate: () => import("./yate.ts"),
};

/** Whether a row reaches its target: `>= 5`, `<= 7`, or the same of its `ratio`. Undefined without a target. */
export function reached(row: Row): boolean | undefined {
  const [, ofRatio, sign, limit] = /^(ratio )?(>=|<=) ([\d.]+)$/.exec(row.target ?? "") ?? [];
  if (sign === undefined) return undefined;
  const value = ofRatio ? (row.ratio ?? Number.NaN) : row.value;
  return sign === ">=" ? value >= Number(limit) : value <= Number(limit);
}

function shown(value: number | undefined): string {
  if (value === undefined) return "";
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

function line(row: Row): string {
  const ok = reached(row);
  const cells = [
    row.name.padEnd(58),
    shown(row.value).padStart(11),
    row.unit.padEnd(13),
    shown(row.baseline).padStart(11),
    shown(row.ratio).padStart(7),
    (row.target ?? "").padEnd(14),
    ok === undefined ? "" : ok ? "reached" : "MISSED",
  ];
  return cells.join(" ").trimEnd();
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: "string" } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !Object.keys(benches).some((key) => key.startsWith(name)));
  if (unknown.length > 0) {
    console.error(
      `bench: no benchmark is called ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`,
    );
    return 2;
  }
  const rows: Row[] = [];
  console.log(
    [
      "name".padEnd(58),
      "value".padStart(11),
      "unit".padEnd(13),
      "baseline".padStart(11),
      "  ratio target",
    ].join(" "),
  );
  for (const [name, load] of Object.entries(benches)) {
    if (positionals.length > 0 && !positionals.some((wanted) => name.startsWith(wanted))) continue;
    const result = await (await load()).bench();
    if (typeof result === "string") console.log(`${name}: ${result}`);
    else {
      for (const row of result) console.log(line(row));
      rows.push(...result);
    }
  }
  if (values.json) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  const missed = rows.filter((row) => reached(row) === false).length;
  console.log(`${rows.length} rows, ${missed} missed`);
  return missed > 0 ? 1 : 0;
}

process.exitCode = await main();
