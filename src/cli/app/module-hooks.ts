import * as nodeModule from "node:module";
import { isOwnFile, pathOf } from "../errors/source-place.ts";

/** What the hooks saw of an app. */
export interface ModuleWatch {
  /** The app's own files that were read, and those that were asked for and are missing. */
  readonly files: ReadonlySet<string>;
}

const ours = /^yayts(?:\/|$)/;

/**
 * Makes `import … from "yayts"` find the running package where the app's folder has none (as with npx in an empty folder),
 * and notes which of the user's own files the app reads. Does without on a Node that has no synchronous hooks (before
 * 22.15).
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
  registerHooks?.({
    resolve(specifier, context, next) {
      try {
        const found = next(specifier, context);
        note(found.url);
        return found;
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
