import { Holds } from "../holds.ts";
import { attachNodes, type Feed } from "./attach.ts";

/** What a data node reads out of a `chan.control`. */
export interface ControlParams {
  get(name: string): string | undefined;
}

/**
 * What sources and consumers have in common: they live while somebody holds them (an endpoint's slot, a consumer that
 * hears the source) and are told when the last hold goes.
 */
export abstract class DataNode {
  readonly #holds = new Holds(() => this.#check());
  #gone = false;

  /** True once nobody held it any more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Keeps the node alive until the function returned is called. */
  hold(): () => void {
    return this.#holds.take();
  }

  #check(): void {
    if (this.#holds.any || this.#gone) return;
    this.#gone = true;
    this.destroyed();
  }

  /** Takes what it understands of a `chan.control`; true when there was something. */
  control(_params: ControlParams): boolean {
    return false;
  }

  /** The last hold is gone. Called once. */
  protected destroyed(): void {}
}

/**
 * Sends blocks of sound to any number of consumers, translated once for each format among them. It has work only while
 * somebody listens: `listened` and `unlistened` tell.
 */
export abstract class DataSource extends DataNode {
  #format: string | undefined;
  #feeds: readonly Feed[] = [];
  #listeners = 0;
  /** Attached before the format was known. */
  #waiting = new Set<DataConsumer>();

  /** @param format `undefined` while it is not known yet: consumers attach at once and are connected when it is. */
  constructor(format: string | undefined) {
    super();
    this.#format = format;
  }

  get format(): string | undefined {
    return this.#format;
  }

  /** How many consumers are attached. */
  get listeners(): number {
    return this.#listeners + this.#waiting.size;
  }

  /** Offers the source a format before a translator is looked for; true when it gives that from now on. */
  adopt(_format: string): boolean {
    return false;
  }

  /** Names the format of a source made without one, and connects those who wait; those that cannot hear it are detached. */
  protected settleFormat(format: string): void {
    this.#format = format;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const consumer of waiting) {
      if (!attachNodes(this, consumer, format)) consumer.forget(this);
    }
  }

  /** Sends a block on. Listeners must not keep it: the producer may use it again. */
  protected forward(block: Uint8Array): void {
    if (block.length === 0) return;
    for (const feed of this.#feeds) feed.push(block, this);
  }

  /** Detaches every consumer: nothing will come any more. */
  protected finish(): void {
    for (const consumer of this.#waiting) consumer.forget(this);
    for (const feed of this.#feeds) for (const consumer of feed.consumers) consumer.forget(this);
  }

  /** The first listener came (again). */
  protected listened(): void {}

  /** The last listener went away. */
  protected unlistened(): void {}

  /** The feeds to the listeners, by format. Only attach.ts changes them. */
  get feeds(): readonly Feed[] {
    return this.#feeds;
  }

  /** For attach.ts: a consumer will be connected once the format is known. */
  awaitFormat(consumer: DataConsumer): void {
    this.#waiting.add(consumer);
  }

  /** For attach.ts: `feeds` replaces the present ones. */
  changeFeeds(feeds: readonly Feed[]): void {
    const before = this.#listeners;
    this.#feeds = feeds;
    this.#listeners = feeds.reduce((sum, feed) => sum + feed.consumers.length, 0);
    if (before === 0 && this.#listeners > 0) this.listened();
    if (before > 0 && this.#listeners === 0) this.unlistened();
  }

  /** For attach.ts: takes a consumer out. */
  drop(consumer: DataConsumer): void {
    this.#waiting.delete(consumer);
    if (!this.#feeds.some((feed) => feed.consumers.includes(consumer))) return;
    this.changeFeeds(
      this.#feeds.map((feed) => feed.without(consumer)).filter((feed) => feed.consumers.length > 0),
    );
  }
}

/** Which of its two inputs a consumer hears a source through. */
export type InputKind = "normal" | "override";

interface Input {
  readonly source: DataSource;
  readonly release: () => void;
}

/** Takes blocks of sound from one normal source; while it has an override, it hears only that. */
export abstract class DataConsumer extends DataNode {
  #format: string;
  readonly #inputs: Record<InputKind, Input | undefined> = { normal: undefined, override: undefined };

  constructor(format: string) {
    super();
    this.#format = format;
  }

  get format(): string {
    return this.#format;
  }

  /** The source it is attached to. */
  get source(): DataSource | undefined {
    return this.#inputs.normal?.source;
  }

  /** The source that it hears instead. */
  get override(): DataSource | undefined {
    return this.#inputs.override?.source;
  }

  /** Offers a source's format before a translator is looked for; true when it takes that from now on. */
  adopt(_format: string): boolean {
    return false;
  }

  /** Changes the format; to be called by `adopt`. */
  protected takeFormat(format: string): void {
    this.#format = format;
  }

  /** A block in the consumer's format. It belongs to the producer: copy what must last. */
  protected abstract consume(block: Uint8Array): void;

  /** A block from `source`; dropped when it is not the one to be heard. */
  receive(block: Uint8Array, source: DataSource): void {
    const heard = this.#inputs.override ?? this.#inputs.normal;
    if (heard?.source === source) this.consume(block);
  }

  /** For attach.ts: remembers and holds the source, lets the former one go. */
  listen(source: DataSource, kind: InputKind): void {
    const former = this.#inputs[kind];
    this.#inputs[kind] = { source, release: source.hold() };
    if (former && former.source !== source) former.source.drop(this);
    former?.release();
  }

  /** Detaches from `source`, whichever input it has; harmless when it has none. */
  forget(source: DataSource): void {
    for (const kind of ["override", "normal"] as const) {
      const input = this.#inputs[kind];
      if (input?.source !== source) continue;
      this.#inputs[kind] = undefined;
      source.drop(this);
      input.release();
    }
  }

  /** Detaches from both sources. */
  deafen(): void {
    for (const { source } of [this.#inputs.override, this.#inputs.normal].filter(
      (input) => input !== undefined,
    )) {
      this.forget(source);
    }
  }
}
