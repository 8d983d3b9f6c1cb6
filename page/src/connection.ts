import { type Signal, signal } from "@preact/signals";
import {
  type Answered,
  closeCodes,
  type Requests,
  socketPath,
  socketProtocol,
  type Told,
  type Topic,
} from "../../src/console/protocol.ts";
import type { FromSocket, ToSocket } from "./socket/socket-messages.ts";

/** The server said no. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/** `elsewhere`: another page has taken this one's place. */
export type ConnectionState = "connecting" | "open" | "lost" | "refused" | "elsewhere";

type TopicName = Told["topic"];
type ToldOf<T extends TopicName> = Extract<Told, { readonly topic: T }>;

interface Following {
  readonly topic: Topic;
}

const retryMs = [200, 500, 1000, 2000, 5000] as const;

/** The page's way to the console's server. Comes back by itself when it was lost; what was followed is followed again. */
export class Connection {
  readonly state: Signal<ConnectionState> = signal("connecting");
  /** The quickest of the latest answers: about what the way there and back takes. */
  readonly roundTripMs: Signal<number | undefined> = signal(undefined);
  readonly #url: string;
  readonly #token: string;
  readonly #waiting = new Map<
    number,
    { atMs: number; resolve(value: never): void; reject(error: Error): void }
  >();
  readonly #listeners = new Map<TopicName, Set<(told: never) => void>>();
  readonly #following = new Set<Following>();
  readonly #onOpen: () => Promise<void>;
  readonly #answerTimesMs: number[] = [];
  /** The socket lives in a thread of its own: see there. */
  readonly #thread = new Worker("./socket.js", { type: "module", name: "socket" });
  #there = false;
  #asked = 0;
  #attempt = 0;
  #followSoon = false;

  /** @param onOpen says hello; called at each new connection, before anything is followed */
  constructor(token: string, onOpen: () => Promise<void>) {
    const { protocol, host } = location;
    this.#url = `${protocol === "https:" ? "wss" : "ws"}://${host}${socketPath}`;
    this.#token = token;
    this.#onOpen = onOpen;
    this.#thread.onmessage = ({ data }: MessageEvent<FromSocket>) => this.#hear(data);
    this.#open();
  }

  /** Rejects with {@link Refused}, also when the connection is lost meanwhile. */
  ask<D extends keyof Requests>(request: D, params: Requests[D]["params"]): Promise<Requests[D]["result"]> {
    return new Promise((resolve, reject) => {
      if (!this.#there) return reject(new Refused("disconnected", "the console is not there just now"));
      const id = ++this.#asked;
      this.#waiting.set(id, { atMs: performance.now(), resolve, reject });
      this.#tell({ kind: "text", text: JSON.stringify({ id, do: request, with: params }) });
    });
  }

  /** Calls `fn` for what the server tells of a topic. Returns the way to stop that. */
  on<T extends TopicName>(topic: T, fn: (told: ToldOf<T>) => void): () => void {
    const found = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, found);
    found.add(fn);
    return () => void found.delete(fn);
  }

  /** Takes this page's place back from another page. */
  takeBack(): void {
    this.state.value = "connecting";
    this.#open();
  }

  /** Follows a topic until the function returned is called. */
  follow(topic: Topic): () => void {
    const following: Following = { topic };
    this.#following.add(following);
    this.#tellTopics();
    return () => {
      this.#following.delete(following);
      this.#tellTopics();
    };
  }

  /** From now on sound goes to this port, as `SpeakerFrame`s. */
  playAt(port: MessagePort): void {
    this.#tell({ kind: "speaker", port }, [port]);
  }

  /** From now on what comes from this port, as `MicFrame`s, is said, see {@link speakInto}. */
  listenTo(port: MessagePort, rateHz: 8000 | 16_000): void {
    this.#tell({ kind: "microphone", port, rateHz }, [port]);
  }

  /** The line that is spoken into; undefined for none. Muted, silence is said. */
  speakInto(line: number | undefined, muted: boolean): void {
    this.#tell({ kind: "speak", line, muted });
  }

  #tell(message: ToSocket, ports: readonly MessagePort[] = []): void {
    this.#thread.postMessage(message, [...ports]);
  }

  #tellTopics(): void {
    if (this.#followSoon) return;
    this.#followSoon = true;
    queueMicrotask(() => {
      this.#followSoon = false;
      if (this.state.value !== "open") return;
      // Two parts of the page may follow the same.
      const topics = [
        ...new Map([...this.#following].map(({ topic }) => [JSON.stringify(topic), topic])).values(),
      ];
      this.ask("follow", { topics }).catch(() => {});
    });
  }

  #open(): void {
    this.#tell({ kind: "open", url: this.#url, protocols: [socketProtocol, `token.${this.#token}`] });
  }

  #hear(message: FromSocket): void {
    if (message.kind === "text") this.#receive(JSON.parse(message.text));
    else if (message.kind === "closed") this.#closed(message.code);
    else void this.#opened();
  }

  async #opened(): Promise<void> {
    this.#there = true;
    try {
      await this.#onOpen();
    } catch {
      return this.#tell({ kind: "close" });
    }
    this.#attempt = 0;
    this.state.value = "open";
    this.#tellTopics();
  }

  #closed(code: number): void {
    const was = this.#there;
    this.#there = false;
    for (const { reject } of this.#waiting.values())
      reject(new Refused("disconnected", "the console went away"));
    this.#waiting.clear();
    // Neither comes right by another attempt.
    if (code === closeCodes.token || code === closeCodes.elsewhere) {
      this.state.value = code === closeCodes.token ? "refused" : "elsewhere";
      return;
    }
    this.state.value = was || this.#attempt > 0 ? "lost" : "connecting";
    const wait = retryMs[Math.min(this.#attempt++, retryMs.length - 1)];
    setTimeout(() => this.#open(), wait);
  }

  #receive(message: Answered | Told): void {
    if ("topic" in message) {
      for (const fn of this.#listeners.get(message.topic) ?? []) fn(message as never);
      return;
    }
    const asked = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (asked) this.#noteAnswer(performance.now() - asked.atMs);
    if ("error" in message) asked?.reject(new Refused(message.error.code, message.error.text));
    else asked?.resolve(message.result as never);
  }

  #noteAnswer(tookMs: number): void {
    this.#answerTimesMs.push(tookMs);
    if (this.#answerTimesMs.length > 16) this.#answerTimesMs.shift();
    this.roundTripMs.value = Math.min(...this.#answerTimesMs);
  }
}
