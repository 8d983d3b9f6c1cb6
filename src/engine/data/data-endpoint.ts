import { attach } from "./attach.ts";
import type { ControlParams, DataConsumer, DataNode, DataSource } from "./data-node.ts";

/** What can be taken away from an endpoint by name: parameters of `chan.attach` and `chan.record`. */
export type DataSlot = "source" | "consumer" | "override" | "replace" | "call" | "peer";

/**
 * The audio of one call endpoint (spec/media.md §1): what its peer hears (`source`), what hears the peer (`consumer`), and
 * the listeners beside them. What is set in a slot is held by it; what leaves a slot is let go.
 */
export interface DataEndpoint {
  readonly peer: DataEndpoint | undefined;
  readonly source: DataSource | undefined;
  readonly consumer: DataConsumer | undefined;
  /** Listens to the source. */
  readonly callRecorder: DataConsumer | undefined;
  /** Listens to the peer's source. */
  readonly peerRecorder: DataConsumer | undefined;
  /** Listeners to the source, by name. */
  readonly sniffers: ReadonlyMap<string, DataConsumer>;
  /** Connects source to consumer in both directions, translating where formats differ. */
  connect(peer: DataEndpoint): void;
  /** Parts from the peer; harmless without one. */
  disconnect(): void;
  setSource(source: DataSource | undefined): void;
  setConsumer(consumer: DataConsumer | undefined): void;
  setCallRecorder(recorder: DataConsumer | undefined): void;
  setPeerRecorder(recorder: DataConsumer | undefined): void;
  /** A sniffer of the same name is replaced. */
  setSniffer(name: string, sniffer: DataConsumer | undefined): void;
  /** Lets the consumer hear `source` instead of its normal one, until it ends; false without a consumer or a way to translate. */
  setOverride(source: DataSource): boolean;
  /** Puts `source` in the place of the consumer's normal source; false as for an override. */
  replace(source: DataSource): boolean;
  /** Empties a slot; without `replace` the consumer hears the peer again. */
  remove(slot: DataSlot): void;
  /** Offers a `chan.control` to every node; true when one took it. */
  control(params: ControlParams): boolean;
  /** Ends everything attached; the endpoint is gone. */
  close(): void;
}

/** A node in its place, held. */
class Slot<T extends DataNode> {
  #node: T | undefined;
  #release: (() => void) | undefined;

  get node(): T | undefined {
    return this.#node;
  }

  /** Puts `node` there; returns what lets the former one go, to be called when all is connected again. */
  put(node: T | undefined): () => void {
    const release = this.#release ?? (() => {});
    this.#release = node?.hold();
    this.#node = node;
    return release;
  }
}

class AudioEndpoint implements DataEndpoint {
  readonly #source = new Slot<DataSource>();
  readonly #consumer = new Slot<DataConsumer>();
  readonly #callRecorder = new Slot<DataConsumer>();
  readonly #peerRecorder = new Slot<DataConsumer>();
  readonly #sniffers = new Map<string, { readonly sniffer: DataConsumer; readonly release: () => void }>();
  #peer: AudioEndpoint | undefined;
  #closed = false;

  get peer(): DataEndpoint | undefined {
    return this.#peer;
  }

  get source(): DataSource | undefined {
    return this.#source.node;
  }

  get consumer(): DataConsumer | undefined {
    return this.#consumer.node;
  }

  get callRecorder(): DataConsumer | undefined {
    return this.#callRecorder.node;
  }

  get peerRecorder(): DataConsumer | undefined {
    return this.#peerRecorder.node;
  }

  get sniffers(): ReadonlyMap<string, DataConsumer> {
    return new Map([...this.#sniffers].map(([name, { sniffer }]) => [name, sniffer]));
  }

  connect(peer: DataEndpoint): void {
    if (!(peer instanceof AudioEndpoint) || peer === this || peer === this.#peer) return;
    if (this.#closed || peer.#closed) return;
    this.disconnect();
    peer.disconnect();
    this.#peer = peer;
    peer.#peer = this;
    this.#hearPeer();
    peer.#hearPeer();
  }

  disconnect(): void {
    const peer = this.#peer;
    if (!peer) return;
    this.#peer = undefined;
    peer.#peer = undefined;
    part(peer.source, this.consumer);
    part(peer.source, this.peerRecorder);
    part(this.source, peer.consumer);
    part(this.source, peer.peerRecorder);
  }

  setSource(source: DataSource | undefined): void {
    if (source === this.source) return;
    const listeners = this.#ownListeners();
    for (const listener of listeners) part(this.source, listener);
    const release = this.#source.put(this.#closed ? undefined : source);
    for (const listener of listeners) join(this.source, listener);
    release();
  }

  setConsumer(consumer: DataConsumer | undefined): void {
    this.#setListener(this.#consumer, consumer, this.#peer?.source);
  }

  setCallRecorder(recorder: DataConsumer | undefined): void {
    this.#setListener(this.#callRecorder, recorder, this.source);
  }

  setPeerRecorder(recorder: DataConsumer | undefined): void {
    this.#setListener(this.#peerRecorder, recorder, this.#peer?.source);
  }

  setSniffer(name: string, sniffer: DataConsumer | undefined): void {
    const former = this.#sniffers.get(name);
    if (former?.sniffer === sniffer) return;
    this.#sniffers.delete(name);
    former?.sniffer.deafen();
    former?.release();
    if (!sniffer || this.#closed) return;
    this.#sniffers.set(name, { sniffer, release: sniffer.hold() });
    join(this.source, sniffer);
  }

  setOverride(source: DataSource): boolean {
    return this.consumer !== undefined && attach(source, this.consumer, "override");
  }

  replace(source: DataSource): boolean {
    return this.consumer !== undefined && attach(source, this.consumer);
  }

  remove(slot: DataSlot): void {
    const { consumer } = this;
    switch (slot) {
      case "source":
        this.setSource(undefined);
        break;
      case "consumer":
        this.setConsumer(undefined);
        break;
      case "call":
        this.setCallRecorder(undefined);
        break;
      case "peer":
        this.setPeerRecorder(undefined);
        break;
      case "override":
        part(consumer?.override, consumer);
        break;
      case "replace":
        if (consumer?.source !== this.#peer?.source) part(consumer?.source, consumer);
        join(this.#peer?.source, consumer);
        break;
    }
  }

  control(params: ControlParams): boolean {
    const nodes: (DataNode | undefined)[] = [
      this.source,
      this.consumer,
      this.callRecorder,
      this.peerRecorder,
    ];
    for (const { sniffer } of this.#sniffers.values()) nodes.push(sniffer);
    let taken = false;
    for (const node of nodes) if (node?.control(params)) taken = true;
    return taken;
  }

  close(): void {
    if (this.#closed) return;
    this.disconnect();
    for (const name of [...this.#sniffers.keys()]) this.setSniffer(name, undefined);
    for (const slot of ["source", "consumer", "call", "peer"] as const) this.remove(slot);
    this.#closed = true;
  }

  #setListener(
    slot: Slot<DataConsumer>,
    listener: DataConsumer | undefined,
    source: DataSource | undefined,
  ): void {
    const former = slot.node;
    if (former === listener) return;
    const release = slot.put(this.#closed ? undefined : listener);
    join(source, slot.node);
    former?.deafen();
    release();
  }

  /** Everything that hears this endpoint's source because of where it stands. */
  #ownListeners(): (DataConsumer | undefined)[] {
    const sniffers = [...this.#sniffers.values()].map(({ sniffer }) => sniffer);
    return [this.#peer?.consumer, this.#peer?.peerRecorder, this.callRecorder, ...sniffers];
  }

  #hearPeer(): void {
    join(this.#peer?.source, this.consumer);
    join(this.#peer?.source, this.peerRecorder);
  }
}

/** Where formats have no way to one another the two simply do not hear each other, as in the reference engine. */
function join(source: DataSource | undefined, listener: DataConsumer | undefined): void {
  if (source && listener && listener.source !== source) attach(source, listener);
}

function part(source: DataSource | undefined, listener: DataConsumer | undefined): void {
  if (source) listener?.forget(source);
}

export function createDataEndpoint(): DataEndpoint {
  return new AudioEndpoint();
}
