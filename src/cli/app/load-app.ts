import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import * as nodeModule from "node:module";
import { extname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { YaytsError } from "../../base/index.ts";
import { type App, app } from "../../bus/index.ts";
import type { ModuleWatch } from "./module-hooks.ts";

/** @throws YaytsError `app-missing` */
export function checkAppFile(file: string): string {
  const path = resolve(file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new YaytsError("app-missing", `the app file ${file} does not exist; check the path`);
  if (found.isDirectory())
    throw new YaytsError(
      "app-missing",
      `${file} is a folder; name the app's file, as in ${file.replace(/\/$/, "")}/app.ts`,
    );
  return path;
}

/**
 * Reads an app file.
 * @param watch what the module hooks see, to find the place of a syntax error that Node does not tell
 * @throws YaytsError `app-missing`, `app-invalid`; or what the file throws or cannot be read for
 */
export async function loadApp(file: string, watch: ModuleWatch): Promise<App> {
  const path = checkAppFile(file);
  if (
    /\.[cm]?tsx?$/.test(path) &&
    !process.features.typescript &&
    !process.execArgv.includes("--experimental-strip-types")
  )
    throw new YaytsError(
      "app-invalid",
      `this Node (${process.version}) cannot read TypeScript; use Node 22.18 or newer`,
    );
  let content: { readonly default?: unknown };
  try {
    content = await import(pathToFileURL(path).href);
  } catch (error) {
    throw error instanceof SyntaxError ? placed(error, watch) : error;
  }
  const found = content.default;
  if (isApp(found)) return found;
  if (typeof found === "function") return app((yate) => found(yate));
  const seen =
    found === undefined
      ? "has no default export"
      : `exports ${typeof found === "object" ? "an object" : `a ${typeof found}`} by default, which is no app`;
  throw new YaytsError(
    "app-invalid",
    `${shownPath(path)} ${seen}; write: export default app((yate) => { … })`,
  );
}

/** Relative to where the user is, when it is below. */
function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith("..") ? path : shown;
}

/** Made by `app()`, perhaps by another copy of the package. */
function isApp(value: unknown): value is App {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "yayts-app" &&
    "start" in value &&
    typeof value.start === "function"
  );
}

/** Gives a syntax error that V8 reported without its place the head that Node gives to others. */
function placed(error: SyntaxError, watch: ModuleWatch): SyntaxError {
  if (/^\S+:\d+\n/.test(error.stack ?? "")) return error;
  for (const file of watch.files) {
    const head = syntaxErrorHead(file);
    if (head) {
      error.stack = `${file}:${head}\n${error.stack ?? ""}`;
      break;
    }
  }
  return error;
}

/** `line`, the source line and the caret, told by a Node that only looks at the syntax. */
function syntaxErrorHead(file: string): string | undefined {
  try {
    const source = readFileSync(file, "utf8");
    // Absent before 22.13.
    const strip: typeof nodeModule.stripTypeScriptTypes | undefined = nodeModule.stripTypeScriptTypes;
    if (extname(file).includes("ts") && !strip) return undefined;
    const code = extname(file).includes("ts") ? strip(source) : source;
    const args = [
      "--check",
      "--no-warnings",
      `--input-type=${extname(file).startsWith(".c") ? "commonjs" : "module"}`,
      "-",
    ];
    const { stderr } = spawnSync(process.execPath, args, { input: code, encoding: "utf8", timeout: 5000 });
    const match = /^(?:\[stdin\]|.*?\[eval\d*\]):(\d+\n.*\n\s*\^+)/m.exec(stderr);
    return match?.[1];
  } catch {
    return undefined;
  }
}
