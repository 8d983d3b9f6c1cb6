import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { isOwnFile, pathOf } from "../errors/source-place.ts";

const ours = /^yayts(?:\/|$)/;

/** For a Node that has no synchronous hooks: the same, without notes, in the thread of its hooks. */
const olderHooks = `export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!${ours}.test(specifier)) throw error;
    return next(specifier, { ...context, parentURL: ${JSON.stringify(import.meta.url)} });
  }
}`;

/** What the hooks saw of an app. */
export interface ModuleWatch {
  /** The app's own files that were read, and those that were asked for and are missing. */
  readonly files: ReadonlySet<string>;
}

/**
 * Makes `import … from "yayts"` find the running package where the app's folder has none (as with npx in an empty folder),
 * and notes which of the user's own files the app reads (not on a Node before 22.15, whose hooks run elsewhere).
 * @param onFile called for each new file
 */
export function installModuleHooks(onFile?: (file: string) => void): ModuleWatch {
  const files = new Set<string>();
  const note = (url: string): void => {
    const file = pathOf(url);
    if (!file || !isOwnFile(file) || files.has(file)) return;
    files.add(file);
    onFile?.(file);
  };
  quietWarnings();
  // Typed as always there; looked up at run time, for older ones.
  const registerHooks: typeof nodeModule.registerHooks | undefined = nodeModule.registerHooks;
  if (!registerHooks) nodeModule.register(`data:text/javascript,${encodeURIComponent(olderHooks)}`);
  registerHooks?.({
    resolve(specifier, context, next) {
      try {
        const found = next(specifier, context);
        note(found.url);
        return asModule(found);
      } catch (error) {
        if (ours.test(specifier) && context.parentURL !== import.meta.url)
          return next(specifier, { ...context, parentURL: import.meta.url });
        if (/^\.{0,2}\//.test(specifier) && context.parentURL?.startsWith("file:"))
          note(new URL(specifier, context.parentURL).href);
        throw error;
      }
    },
  });
  return { files };
}

/**
 * `npm init` writes `"type": "commonjs"`, under which Node refuses `import` and `export`; a file of the user's that has them
 * can be nothing but a module.
 */
function asModule(found: nodeModule.ResolveFnOutput): nodeModule.ResolveFnOutput {
  const file = found.format?.startsWith("commonjs") ? pathOf(found.url) : undefined;
  if (!file || !isOwnFile(file) || !/\.[jt]s$/.test(file)) return found;
  if (!/^(?:import|export)\b(?!\s*\()/m.test(readFileSync(file, "utf8"))) return found;
  return { ...found, format: file.endsWith(".ts") ? "module-typescript" : "module" };
}

/** Node warns that a lone app.ts has no package.json that says "module", and on older ones that TypeScript is new. */
function quietWarnings(): void {
  const original = process.emitWarning;
  const quiet = (code: unknown, type: unknown): boolean =>
    code === "MODULE_TYPELESS_PACKAGE_JSON" || type === "ExperimentalWarning";
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const [first, second] = rest;
    const details: { type?: unknown; code?: unknown } =
      typeof first === "object" && first ? first : { type: first, code: second };
    if (!quiet(details.code, details.type)) Reflect.apply(original, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
}
