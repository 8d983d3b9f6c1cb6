import type { Params } from "../bus/index.ts";
import { createDataEndpoint, type DataEndpoint } from "./data/index.ts";
import { Holds } from "./holds.ts";

/** Why an endpoint lost its peer. */
export interface DisconnectCause {
  readonly reason?: string | undefined;
  /** Copied into `chan.disconnected` before the channel's own parameters. */
  readonly params?: Params | undefined;
}

/**
 * One side of a call (spec/calls.md §1): an id, at most one peer, and audio. It lives while it has a peer or somebody holds
 * it; when the last of both goes, it is destroyed.
 */
export abstract class CallEndpoint {
  id: string;
  readonly audio: DataEndpoint;
  #peer: CallEndpoint | undefined;
  #lastPeerId = "";
  readonly #holds = new Holds(() => this.#check());
  #gone = false;

  constructor(id: string) {
    this.id = id;
    this.audio = createDataEndpoint();
  }

  get peer(): CallEndpoint | undefined {
    return this.#peer;
  }

  /** Id of the endpoint it is, or was last, connected to. */
  get lastPeerId(): string {
    return this.#peer?.id ?? this.#lastPeerId;
  }

  /** True once it was destroyed. */
  get gone(): boolean {
    return this.#gone;
  }

  /**
   * Connects two endpoints; their former peers are disconnected with `reason`.
   * @param quiet former peers are parted without being told
   * @returns false when it cannot be: with itself, or when one is gone
   */
  connect(other: CallEndpoint, reason?: string, quiet = false): boolean {
    if (other === this || this.#gone || other.#gone) return false;
    if (this.#peer === other) return true;
    const release = [this.hold(), other.hold()];
    this.#part({ reason }, quiet);
    other.#part({ reason }, quiet);
    this.#peer = other;
    other.#peer = this;
    this.audio.connect(other.audio);
    other.connected(reason);
    this.connected(reason);
    for (const fn of release) fn();
    return true;
  }

  /** Parts from the peer, which learns why; this endpoint goes unless somebody holds it. */
  disconnect(cause: DisconnectCause = {}): void {
    this.#part(cause, false);
    this.#check();
  }

  /** Parts from the peer and goes at once, whoever holds it: what stood behind it has ended. */
  protected end(cause: DisconnectCause = {}): void {
    this.#part(cause, false);
    this.#go();
  }

  /** Keeps the endpoint alive without a peer until the function returned is called. */
  hold(): () => void {
    return this.#holds.take();
  }

  #part(cause: DisconnectCause, quiet: boolean): void {
    const peer = this.#peer;
    if (!peer) return;
    this.#lastPeerId = peer.id;
    peer.#lastPeerId = this.id;
    this.#peer = undefined;
    peer.#peer = undefined;
    this.audio.disconnect();
    if (!quiet) {
      const release = peer.hold();
      peer.disconnected(cause);
      release();
    } else peer.#check();
  }

  #check(): void {
    if (!this.#peer && !this.#holds.any) this.#go();
  }

  #go(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.destroyed();
    this.audio.close();
  }

  /** A new peer has come. */
  protected connected(_reason: string | undefined): void {}

  /** The peer has gone away; without a hold taken here the endpoint goes too. */
  protected disconnected(_cause: DisconnectCause): void {}

  /** Neither peer nor holder is left. Called once. */
  protected abstract destroyed(): void;
}
