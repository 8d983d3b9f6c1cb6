import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { silentLogger } from "../../base/index.ts";
import { parseConfig } from "../config.ts";
import { DataConsumer, DataSource } from "../data/index.ts";
import { CallEndpoint } from "../endpoint.ts";
import { type Engine, startEngine } from "../engine.ts";
import type { EngineMessage } from "../message.ts";
import { extmodule } from "./module.ts";

const folder = mkdtempSync(join(tmpdir(), "yayts-script-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A program that speaks the protocol: `say(line)`, `onLine(fn)`, `answer(line, handled, params)`. */
function script(name: string, body: string): string {
  const file = join(folder, name);
  const prelude = `#!${process.execPath}
const say = (line) => process.stdout.write(line + "\\n");
const onLine = (fn) => require("node:readline").createInterface(process.stdin).on("line", fn).on("close", () => process.exit(0));
const idOf = (line) => line.split(":")[1];
const answer = (line, handled, more = "") => say("%%<message:" + idOf(line) + ":" + handled + "::" + more);
`;
  writeFileSync(file, prelude + body);
  chmodSync(file, 0o755);
  return name;
}

interface Running extends AsyncDisposable {
  readonly engine: Engine;
  readonly warnings: string[];
  readonly scripts: () => number;
  /** Messages with the name `test.seen`, which the scripts send to tell what they saw. */
  readonly seen: EngineMessage[];
  command(line: string): Promise<string>;
}

async function start(config = "", timeoutMs = 3000): Promise<Running> {
  const apps = extmodule({ scriptsDir: folder });
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  const text = `[general]\ntimeout=${timeoutMs}\n${config}`;
  const engine = await startEngine({
    log,
    modules: [apps],
    config: { extmodule: parseConfig(text, "extmodule") },
  });
  const seen: EngineMessage[] = [];
  engine.install({ name: "test.seen", priority: 1, receive: (message) => seen.push(message) > 0 });
  return {
    engine,
    warnings,
    seen,
    scripts: () => apps.connections,
    async command(line) {
      const message = engine.message("engine.command", { line });
      return (await engine.kernel.dispatch(message)) ? message.retvalue : "not handled";
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

async function until(what: string, test: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !test(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(test(), what);
}

/** A phone that hears and speaks. */
class Phone extends CallEndpoint {
  readonly heard: Buffer[] = [];
  lost: string | undefined;
  #ended = false;

  constructor() {
    super("phone/1");
    const { heard } = this;
    class Ear extends DataConsumer {
      protected consume(block: Uint8Array): void {
        heard.push(Buffer.from(block));
      }
    }
    this.audio.setConsumer(new Ear("slin"));
  }

  get ended(): boolean {
    return this.#ended;
  }

  protected override disconnected(cause: { readonly reason?: string | undefined }): void {
    this.lost = cause.reason ?? "";
  }

  protected override destroyed(): void {
    this.#ended = true;
  }
}

class Mouth extends DataSource {
  speak(block: Uint8Array): void {
    this.forward(block);
  }
}

const call = (engine: Engine, callto: string, phone?: Phone): EngineMessage =>
  engine.message("call.execute", { id: "phone/1", callto }, phone);

describe("call.execute to a script", () => {
  it("gives it the message as its first line and its argument, and connects it with the caller", async () => {
    script(
      "good",
      `
let first = true;
onLine((line) => {
  if (!first) return;
  first = false;
  answer(line, true, ":targetid=mine");
  say("%%>setlocal:id:mine");
  say("%%>message::0:test.seen::line=" + line.replace(/%/g, "%%").replace(/:/g, "%z") + ":argument=" + process.argv[2]);
});`,
    );
    await using running = await start();
    const phone = new Phone();
    const message = call(running.engine, "external/nodata/good  two words ", phone);
    assert.equal(await running.engine.kernel.dispatch(message), true);
    assert.equal(message.get("targetid"), "mine");
    await until("the script spoke", () => running.seen.length === 1);
    assert.match(
      running.seen[0]?.get("line") ?? "",
      /^%%>message:[^:]+:\d+:call\.execute::id=phone\/1:callto=external\/nodata\/good {2}two words :handlers=extmodule%z100$/,
    );
    assert.equal(running.seen[0]?.get("argument"), "two words");
    assert.equal(running.seen[0]?.userData, phone.peer);
    assert.equal(phone.peer?.id, "mine");
    phone.disconnect();
    await until("the script ended", () => running.scripts() === 0);
  });

  it("is not handled when it refuses, and what it says about it stays", async () => {
    script("refuses", `onLine((line) => answer(line, false, ":error=busy:reason=Busy"));`);
    await using running = await start();
    const message = call(running.engine, "external/nodata/refuses", new Phone());
    assert.equal(await running.engine.kernel.dispatch(message), false);
    assert.equal(message.get("error"), "busy");
    assert.equal(running.scripts(), 0);
  });

  it("is not handled when it exits, is silent, is no program, or the method does not exist", async () => {
    script("exits", "process.exit(0);");
    script("silent", "setInterval(() => {}, 1000);");
    writeFileSync(join(folder, "text"), "no program");
    await using running = await start("", 400);
    for (const target of [
      "nodata/exits",
      "nodata/silent",
      "nodata/text",
      "nodata/nosuch",
      "video/exits",
      "nodata",
    ]) {
      assert.equal(
        await running.engine.kernel.dispatch(call(running.engine, `external/${target}`, new Phone())),
        false,
        target,
      );
    }
    assert.equal(running.scripts(), 0);
    assert.match(running.warnings.join("\n"), /did not answer call\.execute within 400 ms/);
  });

  it("ends it at once when there is no channel to connect, though it was handled", async () => {
    script("accepts", `onLine((line) => answer(line, true));`);
    await using running = await start();
    assert.equal(await running.engine.kernel.dispatch(call(running.engine, "external/nodata/accepts")), true);
    assert.equal(running.scripts(), 0);
  });

  it("without a channel leaves it running as a global app, whatever it answers", async () => {
    script("global", `onLine((line) => line.startsWith("%%>message") && answer(line, false, ":seen=1"));`);
    await using running = await start();
    const message = call(running.engine, "external/nochan/global");
    assert.equal(await running.engine.kernel.dispatch(message), false);
    assert.equal(message.get("seen"), "1");
    assert.match(await running.command("external info"), /^1\. global \r\n\tGlobal, pid=\d+\r\n$/);
    assert.equal(await running.command("external stop global"), "External command stopped\r\n");
    assert.equal(running.scripts(), 0);
  });

  it("parts the caller with the script's reason when the script exits", async () => {
    script(
      "leaves",
      `onLine((line) => { answer(line, true); say("%%>setlocal:reason:had enough"); setTimeout(() => process.exit(0), 50); });`,
    );
    await using running = await start();
    const phone = new Phone();
    const hold = phone.hold();
    assert.equal(
      await running.engine.kernel.dispatch(call(running.engine, "external/nodata/leaves", phone)),
      true,
    );
    await until("the phone was parted", () => phone.lost !== undefined);
    assert.equal(phone.lost, "had enough");
    hold();
  });

  it("closes its input at the end, and asks one that goes on with SIGTERM", async () => {
    const mark = join(folder, "mark");
    script(
      "stays",
      `
process.on("SIGTERM", () => { require("node:fs").writeFileSync(${JSON.stringify(mark)}, "asked"); process.exit(0); });
process.stdin.on("data", (data) => answer(String(data), true)); setInterval(() => {}, 1000);`,
    );
    await using running = await start();
    const phone = new Phone();
    await running.engine.kernel.dispatch(call(running.engine, "external/nodata/stays", phone));
    phone.disconnect();
    await until("SIGTERM came", () => existsSync(mark));
  });
});

describe("sound of a script", () => {
  it("is read from descriptor 4 at the pace of the clock and played to its end after the script has gone", async () => {
    script(
      "plays",
      `onLine((line) => {
  answer(line, true);
  const sound = Buffer.alloc(320 * 15); for (let i = 0; i < sound.length; i += 2) sound.writeInt16LE(i, i);
  const out = new (require("node:net").Socket)({ fd: 4 });
  out.write(sound, () => process.exit(0));
});`,
    );
    await using running = await start();
    const phone = new Phone();
    const hold = phone.hold();
    assert.equal(
      await running.engine.kernel.dispatch(call(running.engine, "external/play/plays", phone)),
      true,
    );
    const startedMs = performance.now();
    await until("the phone was parted", () => phone.lost !== undefined);
    const heard = Buffer.concat(phone.heard);
    assert.equal(heard.length, 320 * 15);
    assert.equal(heard.readInt16LE(4000), 4000);
    assert.ok(phone.heard.every((block) => block.length <= 320));
    assert.ok(performance.now() - startedMs >= 13 * 20, "300 ms of sound take 300 ms");
    hold();
  });

  it("is written to descriptor 3 as the peer speaks, and a script that does not read loses the oldest, nobody waits", async () => {
    script(
      "hears",
      `onLine((line) => {
  if (!line.startsWith("%%>message")) return;
  answer(line, true);
  setTimeout(() => {
    let bytes = 0;
    const sound = new (require("node:net").Socket)({ fd: 3 });
    sound.on("data", (data) => { bytes += data.length; });
    setTimeout(() => say("%%>message::0:test.seen::bytes=" + bytes), 300);
  }, 300);
});`,
    );
    await using running = await start();
    const phone = new Phone();
    const mouth = new Mouth("slin");
    phone.audio.setSource(mouth);
    assert.equal(
      await running.engine.kernel.dispatch(call(running.engine, "external/playrec/hears", phone)),
      true,
    );
    const block = new Uint8Array(320);
    const blocks = 10_000;
    for (let i = 0; i < blocks; i++) mouth.speak(block);
    await until("the script told", () => running.seen.length === 1);
    const bytes = Number(running.seen[0]?.get("bytes"));
    assert.ok(bytes > 16_000, `it heard ${bytes}`);
    assert.ok(bytes < 320 * blocks, `it heard all ${bytes}`);
    phone.disconnect();
  });
});

describe("global scripts", () => {
  it("of the configuration are started with their argument, and again when they asked for it", async () => {
    const file = join(folder, "starts");
    script(
      "restarts",
      `require("node:fs").appendFileSync(${JSON.stringify(file)}, process.argv[2] + "\\n");
say("%%>setlocal:restart:true"); onLine(() => process.exit(0));`,
    );
    await using running = await start(`[scripts]\nrestarts=\${version} it\n`);
    await until(
      "it was started twice",
      () => existsSync(file) && readFileSync(file, "utf8") === "6.4.1 it\n6.4.1 it\n",
    );
    await until("it runs", () => running.scripts() === 1);
    assert.equal(await running.command("external stop restarts"), "External command stopped\r\n");
    assert.equal(running.scripts(), 0);
  });

  it("are started, listed, stopped and started again by command", async () => {
    script("plain", `say("%%>setlocal:trackparam:plain"); onLine(() => {});`);
    await using running = await start();
    assert.equal(await running.command("external start plain arg"), "External start attempt\r\n");
    assert.equal(await running.command("external start plain"), "External already running\r\n");
    assert.equal(await running.command("external"), "1. plain arg\r\n");
    assert.equal(await running.command("external restart plain"), "External start attempt\r\n");
    assert.equal(await running.command("external stop plain other"), "External not running\r\n");
    assert.equal(await running.command("external start"), "not handled");
    assert.equal(await running.command("external execute /bin/true"), "External exec attempt\r\n");
    const status = running.engine.message("engine.status", { module: "external" });
    assert.equal(await running.engine.kernel.dispatch(status), true);
    assert.equal(status.retvalue, "name=extmodule,type=misc;scripts=1,chans=0\r\n");
  });

  it("end with the engine", async () => {
    const file = join(folder, "ended");
    script(
      "ends",
      `process.stdin.resume().on("end", () => { require("node:fs").writeFileSync(${JSON.stringify(file)}, ""); process.exit(0); });
say("%%>message::0:test.seen::");`,
    );
    const running = await start("[scripts]\nends=\n");
    await until("it runs", () => running.seen.length === 1);
    await running.engine.stop();
    await until("it ended", () => existsSync(file));
  });
});
