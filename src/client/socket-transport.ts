import { connect, type NetConnectOpts, type Socket } from "node:net";
import { YaytsError } from "../base/index.ts";
import { type Address, formatAddress, listenerLines } from "./address.ts";
import type { Transport, TransportEvents, TransportFactory } from "./transport.ts";

const readBufferBytes = 65_536;
/** How long a closing connection waits for the other side to close as well. */
const closeGraceMs = 1000;

/** Connections to an address over TCP or a UNIX socket; they reject with `connect-refused`. */
export function socketFactory(address: Address): TransportFactory {
  return (signal) =>
    new Promise((resolve, reject) => {
      let events: TransportEvents | undefined;
      // One buffer for all reads: whoever gets the bytes has done with them when the callback returns.
      const onread = {
        buffer: Buffer.allocUnsafe(readBufferBytes),
        callback(length: number, buffer: Uint8Array) {
          events?.data(length === buffer.length ? buffer : buffer.subarray(0, length));
          return true;
        },
      };
      const target: NetConnectOpts =
        address.kind === "tcp"
          ? { host: address.host, port: address.port, noDelay: true, onread }
          : { path: address.path, onread };
      const socket = connect(target);
      socket.pause();
      const giveUp = (): void =>
        void socket.destroy(signal.reason instanceof Error ? signal.reason : new Error("given up"));
      const failed = (error: NodeJS.ErrnoException): void => {
        signal.removeEventListener("abort", giveUp);
        reject(error instanceof YaytsError ? error : refused(address, error));
      };
      signal.addEventListener("abort", giveUp, { once: true });
      if (signal.aborted) giveUp();
      socket.once("error", failed);
      socket.once("connect", () => {
        signal.removeEventListener("abort", giveUp);
        socket.off("error", failed);
        resolve(
          socketTransport(socket, address.kind, (user) => {
            events = user;
          }),
        );
      });
    });
}

function socketTransport(
  socket: Socket,
  kind: "tcp" | "unix",
  listen: (events: TransportEvents) => void,
): Transport {
  let failure: Error | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  socket.once("end", () => void socket.end());
  return {
    kind,
    start(events) {
      listen(events);
      if (socket.closed) queueMicrotask(() => events.closed(failure));
      else socket.once("close", () => events.closed(failure));
      socket.resume();
    },
    write(data) {
      if (socket.writable) socket.write(data);
    },
    get bufferedBytes() {
      return socket.writableLength;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      return new Promise((resolve) => {
        if (socket.closed) return resolve();
        const killer = setTimeout(() => socket.destroy(), closeGraceMs);
        socket.once("close", () => {
          clearTimeout(killer);
          resolve();
        });
        socket.end();
        // What still comes is read away, or the end would never be seen.
        socket.resume();
      });
    },
    abort: () => void socket.destroy(),
  };
}

/** Why there is no connection, and what to do about it. */
function refused(address: Address, cause: NodeJS.ErrnoException): YaytsError {
  const where = formatAddress(address);
  const add = `add this to its extmodule.conf and restart it:\n${listenerLines(address)}`;
  const because = (text: string): YaytsError => new YaytsError("connect-refused", text, { cause });
  switch (cause.code) {
    case "ECONNREFUSED":
      return because(`nobody listens at ${where}; start the engine, or ${add}`);
    case "ENOENT":
      return because(`there is no socket at ${where}; start the engine, or ${add}`);
    case "EACCES":
    case "EPERM":
      return because(`${where} may not be opened by this user; change the socket's owner or mode`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return because(`the host of ${where} has no address; check its name`);
    default:
      return because(`no connection to ${where}: ${cause.message}`);
  }
}
