import { lstat, unlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, type Logger, YaytsError } from "../../base/index.ts";
import type { AppConnection, AppRole } from "./connection.ts";
import { feed } from "./feed.ts";

/** Where apps connect (spec/protocol.md §16, the sections `listener <name>`). */
export interface ListenerOptions {
  readonly name: string;
  /** Default `tcp`. */
  readonly type?: "tcp" | "unix" | undefined;
  /** Address of a TCP listener. Default 127.0.0.1. */
  readonly addr?: string | undefined;
  /** Port of a TCP listener; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Path of a UNIX listener. */
  readonly path?: string | undefined;
  /** Role of those who connect. Default: their first line says it. */
  readonly role?: AppRole | undefined;
}

export interface ListenerHost {
  readonly clock: Clock;
  readonly log: Logger;
  /** Makes the connection that gets the socket's bytes; undefined when it was refused. */
  readonly accept: (listener: ListenerOptions, socket: Socket, peer: string) => AppConnection | undefined;
}

export interface Listener {
  readonly name: string;
  /** `tcp://host:port` with the port that was bound, or `unix:path`. */
  readonly address: string;
  /** Takes no more connections; those that are there stay. */
  close(): Promise<void>;
}

/**
 * Opens a listener.
 * @throws YaytsError `port-taken` when another program listens there, `config-invalid` when the options cannot be used
 */
export async function openListener(
  options: ListenerOptions,
  { accept, clock, log }: ListenerHost,
): Promise<Listener> {
  const target = await targetOf(options);
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = options.type === "unix" ? "" : `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
    // Refused ones may fail as well.
    socket.on("error", () => socket.destroy());
    const connection = accept(options, socket, peer);
    if (!connection) return;
    feed(connection, socket, clock);
    socket.on("close", () => connection.lost());
  });
  await listen(server, target, options.name);
  server.on("error", (error) =>
    log.warn(`the listener ${options.name} could not take a connection: ${error.message}`),
  );
  const bound = server.address();
  return {
    name: options.name,
    address:
      bound !== null && typeof bound === "object"
        ? `tcp://${bound.address}:${bound.port}`
        : `unix:${bound ?? ""}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

type Target = { readonly host: string; readonly port: number } | { readonly path: string };

async function targetOf({ name, type, addr, port, path }: ListenerOptions): Promise<Target> {
  if (type === "unix") {
    if (!path) throw new YaytsError("config-invalid", `the listener ${name} of type unix needs a path`);
    await removeStale(path, name);
    return { path };
  }
  if (port === undefined)
    throw new YaytsError("config-invalid", `the listener ${name} of type tcp needs a port`);
  return { host: addr || "127.0.0.1", port };
}

function listen(server: Server, target: Target, name: string): Promise<void> {
  const place = "path" in target ? target.path : `${target.host}:${target.port}`;
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code === "EADDRINUSE") {
        reject(taken(name, place, cause));
        return;
      }
      reject(
        new YaytsError("bad-argument", `the listener ${name} cannot listen at ${place}: ${cause.message}`, {
          cause,
        }),
      );
    });
    server.listen(target, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function taken(name: string, place: string, cause?: unknown): YaytsError {
  return new YaytsError(
    "port-taken",
    `the listener ${name} cannot have ${place}: another program listens there; choose another, or end that program`,
    { cause },
  );
}

/** A socket file that nobody listens at is left over from a program that ended badly. */
async function removeStale(path: string, name: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket()) {
    throw new YaytsError(
      "port-taken",
      `the listener ${name} cannot have ${path}: there is a file that is no socket; choose another path`,
    );
  }
  if (await someoneListens(path)) throw taken(name, path);
  await unlink(path);
}

function someoneListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
