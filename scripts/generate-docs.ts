/** Writes the pages that are made from tables in the source. Run by `npm run generate`; the results are committed. */
import { writeFileSync } from "node:fs";
import { errorCodes } from "../src/base/index.ts";
import { referencePage } from "../src/cli/reference.ts";

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, text]) => `| \`${code}\` | ${text} |`);
  return [
    "# Errors",
    "",
    "Made from `src/base/errors.ts` by `npm run generate`.",
    "",
    "Every error of yayts is a `YaytsError`. Its text begins with its code in brackets, and `error.code` holds it for programs.",
    "Expected outcomes (busy, not handled, no input) are values, not errors.",
    "",
    "| code | what happened, and what to do |",
    "|---|---|",
    ...rows,
    "",
  ].join("\n");
}

writeFileSync(new URL("../docs/errors.md", import.meta.url), errorsPage());
writeFileSync(new URL("../docs/cli.md", import.meta.url), referencePage());
