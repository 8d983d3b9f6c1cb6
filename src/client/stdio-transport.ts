import type { Readable, Writable } from "node:stream";
import type { Transport, TransportEvents } from "./transport.ts";

/** The way to the engine that started this script: it writes to our stdin and reads our stdout. */
export function stdioTransport(input: Readable, output: Writable): Transport {
  let user: TransportEvents | undefined;
  let over = false;
  let failure: Error | undefined;
  const end = (error?: Error): void => {
    if (over) return;
    over = true;
    failure ??= error;
    input.destroy();
    user?.closed(failure);
  };
  input.once("end", () => end());
  input.once("close", () => end());
  input.once("error", end);
  output.once("error", end);
  input.pause();
  return {
    kind: "stdio",
    start(events) {
      user = events;
      if (over) queueMicrotask(() => events.closed(failure));
      input.on("data", (chunk: Uint8Array) => events.data(chunk));
      input.resume();
    },
    write(data) {
      if (!over && output.writable) output.write(data);
    },
    get bufferedBytes() {
      return output.writableLength;
    },
    pause: () => void input.pause(),
    resume: () => void input.resume(),
    close() {
      return new Promise((resolve) => {
        if (over || !output.writable) {
          end();
          return resolve();
        }
        // The engine takes the end of our stdout for the end of the script.
        output.write("", () => {
          end();
          resolve();
        });
      });
    },
    abort: () => end(),
  };
}
