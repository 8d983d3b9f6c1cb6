/** The way out to one app, independent of sockets and pipes. What comes in is pushed into its connection. */
export interface AppTransport {
  /** Queues a line, which has no end yet. Never blocks and never fails; a transport that is gone drops it. */
  send(line: string): void;
  /** Ends once what was sent has gone out. */
  end(): void;
  /** Ends at once; what has not gone out is lost. */
  destroy(): void;
}
