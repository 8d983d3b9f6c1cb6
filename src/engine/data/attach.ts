import { canonicalFormat, createTranslator, type Translator } from "../../media/index.ts";
import type { DataConsumer, DataSource, InputKind } from "./data-node.ts";

/** The consumers of one source that take one format, and the translator in front of them. */
export interface Feed {
  readonly format: string;
  readonly consumers: readonly DataConsumer[];
  push(block: Uint8Array, source: DataSource): void;
  without(consumer: DataConsumer): Feed;
  with(consumer: DataConsumer): Feed;
}

function createFeed(
  format: string,
  translator: Translator | undefined,
  consumers: readonly DataConsumer[],
): Feed {
  return {
    format,
    consumers,
    push(block, source) {
      const translated = translator ? translator.translate(block) : block;
      if (translated.length === 0) return;
      for (const consumer of consumers) consumer.receive(translated, source);
    },
    without: (consumer) =>
      createFeed(
        format,
        translator,
        consumers.filter((other) => other !== consumer),
      ),
    with: (consumer) => createFeed(format, translator, [...consumers, consumer]),
  };
}

const normal = (format: string): string => canonicalFormat(format) ?? format;

/**
 * Connects a source to a consumer by the rules of spec/media.md §1: equal formats directly; else the consumer may adopt the
 * source's format (not for an override), else the source the consumer's, else a translator is put between; else it fails.
 * A consumer that is attached already leaves the source it had.
 * @returns false when there is no way, and nothing has changed
 */
export function attach(source: DataSource, consumer: DataConsumer, kind: InputKind = "normal"): boolean {
  if (source.gone || consumer.gone) return false;
  const { format } = source;
  if (format === undefined) {
    consumer.listen(source, kind);
    source.awaitFormat(consumer);
    return true;
  }
  const feed = feedFor(source, consumer, format, kind);
  if (!feed) return false;
  consumer.listen(source, kind);
  join(source, consumer, feed);
  return true;
}

/** The second half of `attach` for a consumer that waited for the source's format. */
export function attachNodes(source: DataSource, consumer: DataConsumer, format: string): boolean {
  const feed = feedFor(source, consumer, format, consumer.override === source ? "override" : "normal");
  if (feed) join(source, consumer, feed);
  return feed !== undefined;
}

function feedFor(
  source: DataSource,
  consumer: DataConsumer,
  format: string,
  kind: InputKind,
): Feed | undefined {
  const direct =
    normal(format) === normal(consumer.format) ||
    (kind === "normal" && consumer.adopt(format)) ||
    (source.listeners === 0 && source.adopt(consumer.format));
  const wanted = normal(consumer.format);
  const present = source.feeds.find((feed) => feed.format === wanted);
  if (present) return present;
  if (direct) return createFeed(wanted, undefined, []);
  const translator = createTranslator(format, consumer.format);
  return translator && createFeed(wanted, translator, []);
}

function join(source: DataSource, consumer: DataConsumer, feed: Feed): void {
  if (feed.consumers.includes(consumer)) return;
  const others = source.feeds.filter((other) => other !== feed);
  source.changeFeeds([...others, feed.with(consumer)]);
}
