import assert from "node:assert/strict";
import { test } from "node:test";
import { slinToAlaw, slinToMulaw } from "../../media/index.ts";
import { createDataEndpoint, DataConsumer, DataSource } from "./index.ts";

class Source extends DataSource {
  events: string[] = [];

  send(block: Uint8Array): void {
    this.forward(block);
  }

  settle(format: string): void {
    this.settleFormat(format);
  }

  end(): void {
    this.finish();
  }

  protected override listened(): void {
    this.events.push("listened");
  }

  protected override unlistened(): void {
    this.events.push("unlistened");
  }

  protected override destroyed(): void {
    this.events.push("destroyed");
  }
}

class Consumer extends DataConsumer {
  heard: number[] = [];
  adopts = "";
  destroyedTimes = 0;

  override adopt(format: string): boolean {
    if (this.adopts !== format) return false;
    this.takeFormat(format);
    return true;
  }

  protected override consume(block: Uint8Array): void {
    this.heard.push(...block);
  }

  protected override destroyed(): void {
    this.destroyedTimes++;
  }
}

function pair() {
  const [a, b] = [createDataEndpoint(), createDataEndpoint()];
  const [source, consumer] = [new Source("slin"), new Consumer("slin")];
  a.setSource(source);
  b.setConsumer(consumer);
  return { a, b, source, consumer };
}

const block = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

test("a source is heard by the peer's consumer from connect to disconnect", () => {
  const { a, b, source, consumer } = pair();
  source.send(block(1, 0));
  a.connect(b);
  source.send(block(2, 0));
  b.disconnect();
  source.send(block(3, 0));
  assert.deepEqual(consumer.heard, [2, 0]);
  assert.deepEqual(source.events, ["listened", "unlistened"]);
});

test("a source is told of its first listener and of its last one leaving, not of those between", () => {
  const { a, b, source } = pair();
  a.connect(b);
  const recorder = new Consumer("slin");
  a.setCallRecorder(recorder);
  a.disconnect();
  assert.deepEqual(source.events, ["listened"]);
  a.setCallRecorder(undefined);
  assert.deepEqual(source.events, ["listened", "unlistened"]);
  assert.equal(recorder.destroyedTimes, 1);
});

test("a source that is replaced while connected is let go, and the new one is heard at once", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const other = new Source("slin");
  a.setSource(other);
  other.send(block(4, 0));
  source.send(block(5, 0));
  assert.deepEqual(consumer.heard, [4, 0]);
  assert.deepEqual(source.events, ["listened", "unlistened", "destroyed"]);
});

test("a consumer that is replaced while connected hears no more, and the new one does at once", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const other = new Consumer("slin");
  b.setConsumer(other);
  source.send(block(6, 0));
  assert.deepEqual([consumer.heard, other.heard], [[], [6, 0]]);
  assert.equal(consumer.destroyedTimes, 1);
});

test("differing formats are translated, once for all who want the same", () => {
  const { a, b, source } = pair();
  const alaw = new Consumer("alaw");
  b.setConsumer(alaw);
  a.connect(b);
  const second = new Consumer("alaw");
  const mulaw = new Consumer("mulaw");
  a.setCallRecorder(second);
  b.setPeerRecorder(mulaw);
  const samples = Int16Array.from([0, 1000, -1000, 32000]);
  source.send(new Uint8Array(samples.buffer));
  assert.deepEqual(alaw.heard, [...slinToAlaw(samples)]);
  assert.deepEqual(second.heard, alaw.heard);
  assert.deepEqual(mulaw.heard, [...slinToMulaw(samples)]);
  assert.equal(source.feeds.length, 2);
});

test("a consumer that adopts the source's format gets it untranslated", () => {
  const { a, b } = pair();
  const consumer = new Consumer("slin");
  consumer.adopts = "mulaw";
  b.setConsumer(consumer);
  const mulaw = new Source("mulaw");
  a.setSource(mulaw);
  a.connect(b);
  mulaw.send(block(7, 8));
  assert.deepEqual(consumer.heard, [7, 8]);
  assert.equal(consumer.format, "mulaw");
});

test("a source that adopts the consumer's format is asked before a translator is made", () => {
  class Flexible extends Source {
    asked = "";
    override adopt(format: string): boolean {
      this.asked = format;
      return true;
    }
  }
  const { a, b } = pair();
  const alaw = new Consumer("alaw");
  b.setConsumer(alaw);
  const source = new Flexible("slin");
  a.setSource(source);
  a.connect(b);
  source.send(block(9));
  assert.equal(source.asked, "alaw");
  assert.deepEqual(alaw.heard, [9]);
});

test("formats without a way to one another stay silent, and the source is not started for them", () => {
  const { a, b, source } = pair();
  const g729 = new Consumer("g729");
  b.setConsumer(g729);
  a.connect(b);
  source.send(block(1, 0));
  assert.deepEqual(g729.heard, []);
  assert.deepEqual(source.events, []);
  const same = new Source("g729");
  a.setSource(same);
  same.send(block(2));
  assert.deepEqual(g729.heard, [2], "equal formats need no codec");
});

test("while an override is there only it is heard, then the normal source again", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const override = new Source("slin");
  assert.equal(b.setOverride(override), true);
  source.send(block(1, 0));
  override.send(block(2, 0));
  override.end();
  source.send(block(3, 0));
  assert.deepEqual(consumer.heard, [2, 0, 3, 0]);
  assert.deepEqual(override.events, ["listened", "unlistened", "destroyed"]);
});

test("an override can be taken away and replaced by another", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const [first, second] = [new Source("slin"), new Source("slin")];
  b.setOverride(first);
  b.setOverride(second);
  assert.equal(first.gone, true);
  second.send(block(2, 0));
  b.remove("override");
  assert.equal(second.gone, true);
  source.send(block(3, 0));
  assert.deepEqual(consumer.heard, [2, 0, 3, 0]);
});

test("an override needs a consumer, and a way to its format", () => {
  const endpoint = createDataEndpoint();
  assert.equal(endpoint.setOverride(new Source("slin")), false);
  const consumer = new Consumer("slin");
  consumer.adopts = "g729";
  endpoint.setConsumer(consumer);
  assert.equal(endpoint.setOverride(new Source("g729")), false, "a consumer adopts nothing for an override");
  assert.equal(endpoint.replace(new Source("g729")), true);
});

test("a replacement takes the normal source's place; at its end the consumer stays silent, after its removal it hears the peer", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const replacement = new Source("slin");
  assert.equal(b.replace(replacement), true);
  source.send(block(1, 0));
  replacement.send(block(2, 0));
  replacement.end();
  source.send(block(3, 0));
  assert.deepEqual(consumer.heard, [2, 0]);
  b.remove("replace");
  source.send(block(4, 0));
  assert.deepEqual(consumer.heard, [2, 0, 4, 0]);
});

test("sniffers and the call recorder hear the own source without a peer, the peer recorder hears the peer's", () => {
  const { a, b, source } = pair();
  const [one, two, call, peer] = [
    new Consumer("slin"),
    new Consumer("slin"),
    new Consumer("slin"),
    new Consumer("slin"),
  ];
  a.setSniffer("one", one);
  a.setSniffer("two", two);
  a.setCallRecorder(call);
  b.setPeerRecorder(peer);
  source.send(block(1, 0));
  a.connect(b);
  const other = new Source("slin");
  a.setSource(other);
  other.send(block(2, 0));
  assert.deepEqual(
    [one.heard, two.heard, call.heard],
    [
      [1, 0, 2, 0],
      [1, 0, 2, 0],
      [1, 0, 2, 0],
    ],
  );
  assert.deepEqual(peer.heard, [2, 0], "survives the replacement of the source");
  a.setSniffer("one", undefined);
  other.send(block(3, 0));
  assert.equal(one.heard.length, 4);
  assert.equal(two.heard.length, 6);
  assert.deepEqual([...a.sniffers.keys()], ["two"]);
});

test("a source whose format is not known yet is connected when it is", () => {
  const { a, b } = pair();
  const consumer = new Consumer("alaw");
  b.setConsumer(consumer);
  const late = new Source(undefined);
  a.setSource(late);
  a.connect(b);
  assert.deepEqual(late.events, []);
  assert.equal(late.listeners, 1);
  late.settle("mulaw");
  assert.deepEqual(late.events, ["listened"]);
  late.send(Uint8Array.from(slinToMulaw(Int16Array.from([0]))));
  assert.deepEqual(consumer.heard, [...slinToAlaw(Int16Array.from([0]))]);
});

test("a source that turns out to have an unusable format leaves its waiting listener", () => {
  const { a, b, consumer } = pair();
  const late = new Source(undefined);
  a.setSource(late);
  a.connect(b);
  late.settle("g729");
  assert.equal(late.listeners, 0);
  assert.equal(consumer.source, undefined);
});

test("closing an endpoint lets everything go and refuses more", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const sniffer = new Consumer("slin");
  a.setSniffer("s", sniffer);
  const override = new Source("slin");
  b.setOverride(override);
  a.close();
  b.close();
  assert.equal(source.gone, true);
  assert.equal(override.gone, true);
  assert.deepEqual([consumer.destroyedTimes, sniffer.destroyedTimes], [1, 1]);
  a.setSource(new Source("slin"));
  assert.equal(a.source, undefined);
  a.connect(b);
  assert.equal(a.peer, undefined);
});

test("connecting elsewhere parts from the former peer", () => {
  const { a, b, source, consumer } = pair();
  a.connect(b);
  const other = createDataEndpoint();
  const elsewhere = new Consumer("slin");
  other.setConsumer(elsewhere);
  a.connect(other);
  source.send(block(1, 0));
  assert.equal(b.peer, undefined);
  assert.deepEqual([consumer.heard, elsewhere.heard], [[], [1, 0]]);
});
