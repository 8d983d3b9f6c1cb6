import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** How a file can be sent. */
export type Encoding = "br" | "gzip" | "identity";

/** A file of the page, in memory. */
export interface PageFile {
  readonly type: string;
  /** Of its content, without quotes. */
  readonly tag: string;
  /** Whether compressing makes it smaller. */
  readonly compresses: boolean;
  /** Its content; compressed at the first time, then kept. */
  body(encoding: Encoding): Promise<Uint8Array>;
}

/** The page as `npm run build` leaves it. */
export interface PageFiles {
  /** @param path as in a URL, from `/` on; `/` itself is the page. Undefined for no such file. */
  find(path: string): Promise<PageFile | undefined>;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".wav": "audio/wav",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Where the page lies beside this file, be it run from src/ or from dist/. */
export function builtPage(): string {
  const built = import.meta.url.endsWith(".ts") ? "../../dist/console/page/" : "./page/";
  return fileURLToPath(new URL(built, import.meta.url));
}

/** Reads a folder when its page is first asked for, and again when it was built anew. A link in it leads nowhere. */
export function createPageFiles(folder: string): PageFiles {
  const index = join(folder, "index.html");
  let files: Promise<ReadonlyMap<string, PageFile>> | undefined;
  let builtMs: number | undefined;
  return {
    async find(path) {
      if (path === "/" || path === "/index.html") {
        const found = await stat(index).catch(() => undefined);
        if (!found) return undefined;
        if (found.mtimeMs !== builtMs) files = undefined;
        builtMs = found.mtimeMs;
      }
      files ??= readFolder(folder);
      return (await files).get(path === "/" ? "/index.html" : path);
    },
  };
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = `/${relative(folder, path).split(sep).join("/")}`;
      return [name, createPageFile(path, await readFile(path))] as const;
    });
  return new Map(await Promise.all(files));
}

function createPageFile(path: string, content: Uint8Array): PageFile {
  const type = types[extname(path)] ?? "application/octet-stream";
  const kept = new Map<Encoding, Promise<Uint8Array>>([["identity", Promise.resolve(content)]]);
  return {
    type,
    compresses: !/^(image\/png|font\/)/.test(type) && content.length > 256,
    tag: createHash("sha256").update(content).digest("base64url").slice(0, 22),
    body(encoding) {
      const body = kept.get(encoding) ?? compress(content, encoding);
      kept.set(encoding, body);
      return body;
    },
  };
}

/** Better than this costs more time at the first load than it saves. */
const quality = 6;

function compress(content: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  if (encoding === "gzip") return promisify(gzip)(content, { level: quality });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return promisify(brotliCompress)(content, { params });
}
