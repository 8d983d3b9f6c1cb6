import type { Socket } from "node:net";
import type { Engine } from "../engine.ts";
import { type AppConnection, type AppConnectionOptions, createAppConnection } from "./connection.ts";
import { type Listener, type ListenerOptions, openListener } from "./listener.ts";
import type { ExtModuleConfig } from "./module-config.ts";
import { createSocketTransport } from "./socket-transport.ts";

/** Limits that keep apps from using up the engine. */
export interface AppLimits {
  /** Most bytes that wait for an app to read them; over it the app is cut. Default 8 MiB. */
  readonly maxOutputBytes: number;
  /** How long a connection without a role may take to its first line; 0 is for ever. Default 60,000. */
  readonly firstLineMs: number;
  /** Most connections; further ones are closed at once. Default 10,000. */
  readonly maxConnections: number;
}

export const defaultAppLimits: AppLimits = {
  maxOutputBytes: 8 * 1024 * 1024,
  firstLineMs: 60_000,
  maxConnections: 10_000,
};

/** An app that is connected or was started, as `external` lists it. */
export interface HostedApp {
  readonly connection: AppConnection;
  /** The process of a script. */
  readonly pid?: number | undefined;
  /** Ends it, for good also when it asked to be started again. */
  readonly stop: () => void;
}

/** All apps of one engine. */
export interface AppHost {
  readonly engine: Engine;
  readonly config: ExtModuleConfig;
  readonly limits: AppLimits;
  /** In the order of their coming. */
  readonly apps: ReadonlySet<HostedApp>;
  /** Makes a connection with the initial settings of the configuration. */
  connect(options: Omit<AppConnectionOptions, "engine" | "settings">): AppConnection;
  add(app: HostedApp): void;
  remove(app: HostedApp): void;
  listen(options: ListenerOptions): Promise<Listener>;
}

export function createAppHost(engine: Engine, config: ExtModuleConfig, limits: AppLimits): AppHost {
  const apps = new Set<HostedApp>();
  const { clock, log } = engine;
  let refused = false;

  const accept = (listener: ListenerOptions, socket: Socket, address: string): AppConnection | undefined => {
    if (apps.size >= limits.maxConnections) {
      if (!refused)
        log.warn(
          `${listener.name}: ${address} was refused: ${apps.size} apps are connected, the most that are let in`,
        );
      refused = true;
      socket.destroy();
      return undefined;
    }
    refused = false;
    const name = listener.name;
    const transport = createSocketTransport(socket, {
      clock,
      maxOutputBytes: limits.maxOutputBytes,
      onOverflow(waiting) {
        log.warn(
          `${name}: ${address} was cut: it does not read, ${waiting} bytes wait for it (limit ${limits.maxOutputBytes}); ${connection.held} messages that it held go on without it`,
        );
        connection.lost();
      },
    });
    const connection = host.connect({
      transport,
      name,
      address,
      way: listener.type ?? "tcp",
      role: listener.role,
      onClosed() {
        impatience?.cancel();
        host.remove(app);
      },
    });
    const app: HostedApp = { connection, stop: () => connection.close() };
    const impatience =
      listener.role === undefined && limits.firstLineMs > 0
        ? clock.after(
            limits.firstLineMs,
            () => {
              if (connection.role !== undefined) return;
              log.warn(
                `${name}: ${address} was cut: it did not say its role within ${limits.firstLineMs} ms`,
              );
              connection.lost();
            },
            { background: true },
          )
        : undefined;
    host.add(app);
    return connection;
  };

  const host: AppHost = {
    engine,
    config,
    limits,
    apps,
    connect: (options) => createAppConnection({ ...options, engine, settings: config.settings }),
    add: (app) => void apps.add(app),
    remove: (app) => void apps.delete(app),
    listen: (options) => openListener(options, { accept, clock, log }),
  };
  return host;
}
