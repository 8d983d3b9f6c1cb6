import { DataConsumer, DataSource } from "../../engine/index.ts";

/** What came from the network, as the engine hears it. */
export class RtpSource extends DataSource {
  readonly #lost: () => void;

  /** @param lost called when nobody holds it any more */
  constructor(format: string, lost: () => void) {
    super(format);
    this.#lost = lost;
  }

  /** Hands a block on; it may be used again when this returns. */
  deliver(block: Uint8Array): void {
    this.forward(block);
  }

  protected override destroyed(): void {
    this.#lost();
  }
}

/** Takes what goes to the network. */
export class RtpConsumer extends DataConsumer {
  readonly #send: (block: Uint8Array) => void;
  readonly #lost: () => void;

  constructor(format: string, send: (block: Uint8Array) => void, lost: () => void) {
    super(format);
    this.#send = send;
    this.#lost = lost;
  }

  protected override consume(block: Uint8Array): void {
    this.#send(block);
  }

  protected override destroyed(): void {
    this.#lost();
  }
}
