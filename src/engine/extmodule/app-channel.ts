import { Params } from "../../bus/index.ts";
import { CallEndpoint, type DisconnectCause } from "../endpoint.ts";
import type { Engine } from "../engine.ts";

/** Id of an app's endpoint until the app names it; several apps may have it at once. */
export const defaultChannelId = "ExtModule";

export interface AppChannelOptions {
  readonly engine: Engine;
  /** Script or listener, as in the `address` of its `chan.disconnected`. */
  readonly address: string;
  /** The endpoint has gone; its app ends with it. */
  readonly onGone: () => void;
}

/**
 * The call endpoint of an app (spec/protocol.md §13): no driver's channel, so it has no status, no prefix, cannot be
 * located, and announces nothing but, if asked to, the loss of its peer.
 */
export class AppChannel extends CallEndpoint {
  /** Whether the loss of its peer is told by `chan.disconnected`, which may find it a new one. */
  tellsDisconnected = false;
  readonly #options: AppChannelOptions;

  constructor(options: AppChannelOptions) {
    super(defaultChannelId);
    this.#options = options;
  }

  protected override disconnected(cause: DisconnectCause): void {
    if (!this.tellsDisconnected) return;
    const { engine, address } = this.#options;
    const params = Params.from(cause.params)
      .set("id", this.id)
      .set("module", "external")
      .set("address", address);
    if (cause.reason) params.set("reason", cause.reason);
    if (this.peer) params.set("peerid", this.peer.id);
    const message = engine.message("chan.disconnected", params, this);
    message.dispatched = this.hold();
    engine.kernel.enqueue(message);
  }

  protected override destroyed(): void {
    this.#options.onGone();
  }
}
