import type { Readable } from "node:stream";
import type { Clock } from "../../base/index.ts";
import type { AppConnection } from "./connection.ts";

/** Bytes after which an app lets the others have their turn. */
const turnBytes = 32 * 1024;

/** Pushes what comes out of a stream into a connection until either ends. A half-closed stream is a closed one. */
export function feed(connection: AppConnection, stream: Readable, clock: Clock): void {
  stream.on("data", (chunk: Buffer) => {
    connection.push(chunk);
    if (chunk.length < turnBytes) return;
    stream.pause();
    clock.turn(() => stream.resume());
  });
  stream.on("end", () => connection.lost());
}
