/** What a transport tells its user. Nothing is told before `start`. */
export interface TransportEvents {
  /** The bytes are the user's only until this returns. */
  data(bytes: Uint8Array): void;
  /** Once, at the end, whoever ended it; with the error if there was one. */
  closed(error: Error | undefined): void;
}

/** A stream of bytes to an engine and back: a socket, a script's stdin and stdout, or a memory pipe. */
export interface Transport {
  /** `tcp` is the one where a lone line end can be held back by the other side (Nagle), so that a kick helps. */
  readonly kind: "tcp" | "unix" | "stdio" | "memory";
  start(events: TransportEvents): void;
  /** Never blocks, never throws; what cannot go out is lost, and `closed` tells. Text goes out as UTF-8. */
  write(data: string | Uint8Array): void;
  /** Bytes written that the other side has not taken yet. */
  readonly bufferedBytes: number;
  /** No `data` until `resume`. Both are idempotent. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends; resolves when it is closed. */
  close(): Promise<void>;
  /** Ends at once. */
  abort(): void;
}

/** Makes a new connection; rejects when that fails, or when the signal fires. Called again for each reconnect. */
export type TransportFactory = (signal: AbortSignal) => Promise<Transport>;
