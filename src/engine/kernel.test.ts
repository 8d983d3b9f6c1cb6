import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type Logger } from "../base/index.ts";
import { createKernel, type Kernel, type KernelOptions } from "./kernel.ts";
import { EngineMessage, type EngineMessageInit, toBoolean, toInteger } from "./message.ts";

function subject(options: Partial<KernelOptions> = {}): { kernel: Kernel; reports: string[] } {
  const reports: string[] = [];
  const note = (text: string): void => void reports.push(text);
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  return { kernel: createKernel({ clock: createManualClock(), log, ...options }), reports };
}

function message(name: string, init: Partial<EngineMessageInit> = {}): EngineMessage {
  return new EngineMessage(name, { timeMs: 0, ...init });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the kernel", () => {
  it("asks handlers by rising priority, equal ones in the order of their installing, negative ones last", () => {
    const { kernel } = subject();
    const ran: string[] = [];
    for (const [priority, label] of [
      [-1, "negative"],
      [50, "b"],
      [0, "first"],
      [50, "c"],
      [100, "d"],
    ] as const) {
      kernel.install({ name: "m", priority, receive: () => ran.push(label) === 0 });
    }
    assert.equal(kernel.dispatch(message("m")), false);
    assert.deepEqual(ran, ["first", "b", "c", "d", "negative"]);
  });

  it("stops at the first that takes it; a broadcast goes to all", () => {
    const { kernel } = subject();
    const ran: number[] = [];
    for (const n of [1, 2]) kernel.install({ name: "m", priority: n, receive: () => ran.push(n) > 0 });
    assert.equal(kernel.dispatch(message("m")), true);
    assert.equal(kernel.dispatch(message("m", { broadcast: true })), true);
    assert.deepEqual(ran, [1, 1, 2]);
  });

  it("selects by the present name and parameters: a rename goes on with later handlers of the new name", async () => {
    const { kernel } = subject();
    const ran: string[] = [];
    const note = (label: string) => (): boolean => ran.push(label) === 0;
    kernel.install({ name: "new", priority: 10, receive: note("passed already") });
    kernel.install({
      name: "old",
      priority: 20,
      async receive(m) {
        m.name = "new";
        m.set("who", "x");
        return false;
      },
    });
    kernel.install({ name: "old", priority: 30, receive: note("old again") });
    kernel.install({ name: "new", priority: 40, filter: { name: "who", value: "x" }, receive: note("new") });
    kernel.install({
      name: "new",
      priority: 50,
      filter: { name: "who", value: "" },
      receive: note("filtered out"),
    });
    kernel.install({ name: "", priority: 60, receive: note("all") });
    assert.equal(await kernel.dispatch(message("old")), false);
    assert.deepEqual(ran, ["new", "all"]);
  });

  it("a filter takes an absent parameter as empty", () => {
    const { kernel } = subject();
    kernel.install({ name: "m", priority: 1, filter: { name: "p", value: "" }, receive: () => true });
    assert.equal(kernel.dispatch(message("m")), true);
    assert.equal(kernel.dispatch(message("m", { params: { p: "" } })), true);
    assert.equal(kernel.dispatch(message("m", { params: { p: "x" } })), false);
  });

  it("follows changes of the handlers while it runs", () => {
    const { kernel } = subject();
    const ran: string[] = [];
    const note = (label: string) => (): boolean => ran.push(label) === 0;
    const goes = kernel.install({ name: "m", priority: 30, receive: note("uninstalled before its turn") });
    const itself = kernel.install({
      name: "m",
      priority: 20,
      receive() {
        itself();
        goes();
        kernel.install({ name: "m", priority: 10, receive: note("installed too early a place") });
        kernel.install({ name: "m", priority: 40, receive: note("installed later") });
        return false;
      },
    });
    kernel.install({ name: "m", priority: 50, receive: note("last") });
    void kernel.dispatch(message("m"));
    assert.deepEqual(ran, ["installed later", "last"]);
  });

  it("a handler that throws, at once or later, counts as false and is reported", async () => {
    const { kernel, reports } = subject();
    kernel.install({
      name: "m",
      priority: 1,
      receive() {
        throw new Error("at once");
      },
    });
    kernel.install({ name: "m", priority: 2, receive: () => Promise.reject(new Error("later")) });
    kernel.install({ name: "m", priority: 3, receive: () => true });
    assert.equal(await kernel.dispatch(message("m")), true);
    assert.match(reports[0] ?? "", /a handler of m .* threw: at once/);
    assert.match(reports[1] ?? "", /later/);
  });

  it("tells the hooks last, in order, whatever became of the message, and one that fails harms nobody", () => {
    const { kernel, reports } = subject();
    const told: string[] = [];
    kernel.hook(() => {
      throw new Error("on purpose");
    });
    const unhook = kernel.hook((m, handled) => void told.push(`${m.name} ${handled}`));
    kernel.install({ name: "m", priority: 1, receive: () => told.push("handler") > 0 });
    void kernel.dispatch(message("m"));
    void kernel.dispatch(message("nobody"));
    unhook();
    void kernel.dispatch(message("m"));
    assert.deepEqual(told, ["handler", "m true", "nobody false", "handler"]);
    assert.equal(reports.length, 3);
  });

  it("tracks the named handlers it called, in the parameter it was told, or not at all", () => {
    for (const [trackParam, expected] of [
      ["handlers", [["handlers", "a:10,b:20"]]],
      ["h", [["h", "a:10,b:20"]]],
      [false, []],
    ] as const) {
      const { kernel } = subject({ trackParam });
      kernel.install({ name: "m", priority: 10, trackName: "a", receive: () => false });
      kernel.install({ name: "m", priority: 15, receive: () => false });
      kernel.install({ name: "m", priority: 20, trackName: "b", receive: () => true });
      kernel.install({ name: "m", priority: 30, trackName: "c", receive: () => true });
      const sent = message("m");
      void kernel.dispatch(sent);
      assert.deepEqual([...sent.params], expected);
    }
  });

  it("dispatches what is queued in order of arrival, without waiting for those before to end", async () => {
    const { kernel } = subject();
    const begun: string[] = [];
    const ended: string[] = [];
    let release = (_: boolean): void => {};
    kernel.install({
      name: "m",
      priority: 1,
      receive(m) {
        begun.push(m.get("n") ?? "");
        return m.get("n") === "1" ? new Promise<boolean>((resolve) => (release = resolve)) : true;
      },
    });
    for (const n of [1, 2, 3])
      kernel.enqueue(message("m", { params: { n } }), (handled) => ended.push(`${n} ${handled}`));
    assert.deepEqual(begun, [], "nothing runs inside enqueue");
    await turn();
    assert.deepEqual(begun, ["1", "2", "3"]);
    assert.deepEqual(ended, ["2 true", "3 true"]);
    assert.equal(kernel.figures.running, 1);
    release(false);
    await turn();
    assert.deepEqual(ended, ["2 true", "3 true", "1 false"]);
  });

  it("a full queue drops what is new, reports once, and counts", async () => {
    const { kernel, reports } = subject({ maxQueued: 2 });
    const results: boolean[] = [];
    for (let i = 0; i < 5; i++) kernel.enqueue(message("m"), (handled) => results.push(handled));
    assert.deepEqual(results, [false, false, false]);
    assert.equal(kernel.figures.dropped, 3);
    assert.equal(reports.length, 1);
    await turn();
    assert.equal(results.length, 5);
  });

  it("a message that dispatches itself for ever is stopped and reported", () => {
    const { kernel, reports } = subject({ maxDepth: 10 });
    let ran = 0;
    kernel.install({
      name: "m",
      priority: 1,
      receive() {
        ran++;
        return kernel.dispatch(message("m"));
      },
    });
    assert.equal(kernel.dispatch(message("m")), false);
    assert.equal(ran, 10);
    assert.match(reports[0] ?? "", /10 dispatches are nested/);
  });

  it("queued messages that enqueue more leave sockets their turn", async () => {
    const { kernel } = subject();
    let ran = 0;
    kernel.install({
      name: "m",
      priority: 1,
      receive() {
        if (++ran < 100) kernel.enqueue(message("m"));
        return true;
      },
    });
    kernel.enqueue(message("m"));
    for (let i = 0; i < 20; i++) await turn();
    assert.ok(ran >= 10 && ran <= 25, `ran ${ran} times in 20 turns`);
  });
});

describe("conversions", () => {
  it("know the engine's words for true and false, and no others", () => {
    for (const word of ["true", "yes", "on", "enable", "t"]) assert.equal(toBoolean(word), true);
    for (const word of ["false", "no", "off", "disable", "f"]) assert.equal(toBoolean(word), false);
    for (const word of ["1", "0", "TRUE", "", " true", undefined]) assert.equal(toBoolean(word), undefined);
  });

  it("read whole numbers as C writes them", () => {
    const table: [string | undefined, number | undefined][] = [
      ["0", 0],
      ["42", 42],
      ["-5", -5],
      ["+5", 5],
      [" 7", 7],
      ["0x20", 32],
      ["0X1f", 31],
      ["010", 8],
      ["08", undefined],
      ["1e2", undefined],
      ["", undefined],
      ["5 ", undefined],
      ["x", undefined],
      [undefined, undefined],
    ];
    for (const [text, value] of table) assert.equal(toInteger(text), value, JSON.stringify(text));
  });
});
