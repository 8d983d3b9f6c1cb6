import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineConfig, ListenerOptions } from "../../engine/index.ts";
import { createEngine, type EmbeddedEngine } from "../../modules/index.ts";
import { createLog } from "../log.ts";
import type { Terminal } from "../terminal.ts";

/** The engine of `yayts dev`. */
export interface DevEngine {
  readonly embedded: EmbeddedEngine;
  /** Where the app connects: nobody else's business. */
  readonly appAddress: string;
  /** Where everybody else can; undefined when closed. */
  readonly address: string | undefined;
  /** The channels there are. */
  channels(): ReadonlySet<string>;
  stop(): Promise<void>;
}

/** @param open host and port for others; undefined: none */
export async function startDevEngine(
  terminal: Terminal,
  config: EngineConfig,
  open: { readonly host: string; readonly port: number } | undefined,
): Promise<DevEngine> {
  // Windows has no UNIX sockets in folders.
  const windows = process.platform === "win32";
  const folder = windows ? undefined : await mkdtemp(join(tmpdir(), "yayts-dev-"));
  const own: ListenerOptions = folder
    ? { name: "app", type: "unix", path: join(folder, "app.sock"), role: "global" }
    : { name: "app", addr: "127.0.0.1", port: 0, role: "global" };
  const others: ListenerOptions[] = open
    ? [{ name: "tcp", addr: open.host, port: open.port, role: "global" }]
    : [];
  // Also when a second Ctrl-C ends the process at once.
  const clean = (): void => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", clean);
  let embedded: EmbeddedEngine;
  try {
    embedded = await createEngine({
      config,
      extmodule: { listeners: [own, ...others] },
      log: createLog(terminal, "engine"),
    });
  } catch (error) {
    clean();
    throw error;
  }
  return {
    embedded,
    appAddress: embedded.addresses.get("app") ?? "",
    address: embedded.addresses.get("tcp"),
    channels: () => new Set(embedded.engine.endpoints.keys()),
    async stop() {
      await embedded.stop();
      clean();
      process.off("exit", clean);
    },
  };
}
