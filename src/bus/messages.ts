import { YaytsError } from "../base/index.ts";
import type { MessageContent } from "./link.ts";
import type { DispatchedMessage, IncomingMessage, OutgoingMessage, WatchedMessage } from "./message.ts";
import type { Params, ParamValue } from "./params.ts";
import type { Wait, WaitOptions } from "./wait.ts";

/** What the three kinds of messages share. */
class BasicMessage {
  name: string;
  retvalue: string;
  params: Params;

  constructor({ name, retvalue, params }: MessageContent) {
    this.name = name;
    this.retvalue = retvalue;
    this.params = params;
  }

  get(name: string): string | undefined {
    return this.params.get(name);
  }

  set(name: string, value: ParamValue): this {
    this.params.set(name, value);
    return this;
  }

  toString(): string {
    const params = [...this.params].map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return [this.name, ...params].join(" ");
  }
}

/** The bus's end of a received message. */
export interface Answering {
  answer(message: ReceivedMessage, handled: boolean): void;
}

export class ReceivedMessage extends BasicMessage implements IncomingMessage {
  readonly id: string;
  readonly timeSec: number;
  /** The name it came with. */
  readonly receivedAs: string;
  /** Which connection it came over; answers to a connection that was lost are dropped. */
  readonly epoch: number;
  answered = false;
  readonly #to: Answering;

  constructor(id: string, timeSec: number, content: MessageContent, epoch: number, to: Answering) {
    super(content);
    this.id = id;
    this.timeSec = timeSec;
    this.receivedAs = content.name;
    this.epoch = epoch;
    this.#to = to;
  }

  ret(handled = true, retvalue?: ParamValue): void {
    if (this.answered) throw new YaytsError("already-answered", `${this.receivedAs} was answered already`);
    this.answered = true;
    if (retvalue !== undefined) this.retvalue = String(retvalue);
    this.#to.answer(this, handled);
  }
}

export class SeenMessage extends BasicMessage implements WatchedMessage {
  readonly handled: boolean;

  constructor(content: MessageContent, handled: boolean) {
    super(content);
    this.handled = handled;
  }
}

/** The bus's end of a message to send. */
export interface Sending {
  dispatch(message: SentMessage, options: WaitOptions | undefined): Wait<DispatchedMessage>;
  enqueue(message: SentMessage): void;
}

export class SentMessage extends BasicMessage implements OutgoingMessage {
  handled: boolean | undefined = undefined;
  readonly #by: Sending;

  constructor(content: MessageContent, by: Sending) {
    super(content);
    this.#by = by;
  }

  dispatch(options?: WaitOptions): Wait<DispatchedMessage> {
    return this.#by.dispatch(this, options);
  }

  enqueue(): void {
    this.#by.enqueue(this);
  }

  /** Takes over what the engine answered. */
  settle(handled: boolean, { name, retvalue, params }: MessageContent): DispatchedMessage {
    this.name = name;
    this.retvalue = retvalue;
    this.params = params;
    this.handled = handled;
    return this as DispatchedMessage;
  }
}
