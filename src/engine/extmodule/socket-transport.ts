import type { Socket } from "node:net";
import type { Clock } from "../../base/index.ts";
import { encodeText } from "../../wire/index.ts";
import type { AppTransport } from "./app-transport.ts";

/** What is gathered in one turn of the event loop goes out at the latest when it is that long (in UTF-16 units). */
const gatherUnits = 64 * 1024;
/** A peer that does not read is given so long to take the last lines. */
const lingerMs = 1000;

export interface SocketTransportOptions {
  readonly clock: Clock;
  /** Most bytes that wait for the peer to read them. */
  readonly maxOutputBytes: number;
  /** More than that waits; the socket has been destroyed. */
  readonly onOverflow: (waitingBytes: number) => void;
}

/** What is written to a socket or pipe. */
type Outlet = Pick<Socket, "write" | "end" | "destroy" | "destroyed" | "writableLength">;

/** Lines out through a socket or pipe, gathered into one write for each turn of the event loop. */
export function createSocketTransport(outlet: Outlet, options: SocketTransportOptions): AppTransport {
  const { clock, maxOutputBytes, onOverflow } = options;
  let gathered = "";
  let waking = false;
  let ended = false;

  const flush = (): void => {
    if (gathered === "" || outlet.destroyed) return;
    const bytes = encodeText(gathered);
    gathered = "";
    outlet.write(bytes);
    const waiting = outlet.writableLength;
    if (waiting <= maxOutputBytes) return;
    ended = true;
    outlet.destroy();
    onOverflow(waiting);
  };

  return {
    send(line) {
      if (ended) return;
      gathered += `${line}\n`;
      if (gathered.length >= gatherUnits) flush();
      if (waking || gathered === "") return;
      waking = true;
      clock.turn(() => {
        waking = false;
        flush();
      });
    },
    end() {
      if (ended) return;
      flush();
      ended = true;
      outlet.end();
      clock.after(lingerMs, () => outlet.destroy(), { background: true });
    },
    destroy() {
      ended = true;
      gathered = "";
      outlet.destroy();
    },
  };
}
