/** What the list of calls shows of calls as people make them, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { withCalls, type Yate, type YateWithCalls } from "yayts";
import { connect } from "yayts/client";
import keyecho from "../../examples/keyecho.ts";
import { createPhoneDesk } from "../../src/console/phone/desk.ts";
import type { PhoneDesk } from "../../src/console/phone/phone.ts";
import { createRecordDesk } from "../../src/console/records/create-record-desk.ts";
import type { RecordDesk } from "../../src/console/records/record-desk.ts";
import { runCommand } from "../cli-process.ts";
import { openPage, type Page } from "./console-page.ts";
import type { DeskSubject } from "./record-desk-contract.ts";

/** How the rows of the list look, the oldest first: who called whom, and how it is or ended. */
export function callRowsContract(name: string, start: () => Promise<DeskSubject>): void {
  describe(`rows in the list of calls over ${name}`, { timeout: 120_000 }, () => {
    let subject: DeskSubject;
    let records: RecordDesk;
    let phones: PhoneDesk;
    let app: YateWithCalls;
    const connections: Yate[] = [];
    /** Calls of the tests before. */
    const known = new Set<string>();
    const rows = new Map<string, string>();

    before(async () => {
      subject = await start();
      for (let i = 0; i < 3; i++) connections.push(await connect(subject.address));
      const [forRecords, forPhones, forApp] = connections as [Yate, Yate, Yate];
      records = createRecordDesk({ yate: forRecords });
      phones = createPhoneDesk({ yate: forPhones, graceMs: 300 });
      app = withCalls(forApp);
      keyecho.start(forApp);
      app.onCall("engaged", (call) => call.reject("busy"));
      await forApp.setlocal("engine.version");
      await forPhones.setlocal("engine.version");
      records
        .view({
          tell(told) {
            if (told.topic !== "calls") return;
            for (const { id, from, to, state, reason, answeredMs } of told.calls)
              rows.set(
                id,
                `${from} → ${to}: ${state}${reason && ` ${reason}`}${state === "ended" && answeredMs === undefined ? ", not answered" : ""}`,
              );
            for (const id of told.gone ?? []) rows.delete(id);
          },
          lineOf: () => undefined,
          congested: () => false,
        })
        .follow([{ topic: "calls" }]);
      for (let i = 0; i < 200 && records.facts.kind !== subject.kind; i++) await delay(20);
    });
    after(async () => {
      await records.close();
      await phones.close();
      for (const connection of connections) connection.abort();
      await subject.stop();
    });
    afterEach(async () => {
      for (const page of open(3))
        for (const { line, state } of page.phone.view.lines)
          if (state !== "ended") await page.phone.ask("phone.hangup", { line }).catch(() => {});
      await delay(300);
      for (const id of rows.keys()) known.add(id);
    });

    const open = (count: number): Page[] =>
      Array.from({ length: count }, (_, i) => openPage(phones, `${name} ${i + 1}`));
    const dial = async (page: Page, to: string): Promise<number> =>
      (await page.phone.ask("phone.dial", { to })).line;
    const talk = async (caller: Page, called: Page): Promise<number> => {
      const line = await dial(caller, called.number);
      await called.state("ringing");
      await called.phone.ask("phone.answer", { line: 1 });
      await caller.state("answered", line);
      return line;
    };
    /** The new rows, once they are so, and after two looks at the engine's channels still. */
    const shows = async (...wanted: string[]): Promise<void> => {
      const now = (): string[] => [...rows].filter(([id]) => !known.has(id)).map(([, row]) => row);
      const same = (): boolean => now().join("\n") === wanted.join("\n");
      for (let i = 0; i < 250 && !same(); i++) await delay(20);
      assert.deepEqual(now(), wanted);
    };
    /** What a look at the engine's channels shows too. */
    const twoLooks = (): Promise<void> => delay(2300);

    it("a call to an app is one row, while it lasts and after it", async () => {
      const [a] = open(1) as [Page];
      const line = await dial(a, "ivr");
      await a.state("answered", line);
      await twoLooks();
      await shows("phone-1 → ivr: answered");
      await a.phone.ask("phone.hangup", { line });
      await shows("phone-1 → ivr: ended hangup");
    });

    it("a call between two phones is one row", async () => {
      const [a, b] = open(2) as [Page, Page];
      const line = await dial(a, b.number);
      await b.state("ringing");
      await shows("phone-1 → phone-2: ringing");
      await b.phone.ask("phone.answer", { line: 1 });
      await a.state("answered", line);
      await twoLooks();
      await shows("phone-1 → phone-2: answered");
      await b.phone.ask("phone.hangup", { line: 1 });
      await shows("phone-1 → phone-2: ended hangup");
    });

    it("a call that is refused, by an app or a phone, one that is cancelled, one to nobody: one row with the reason each", async () => {
      const [a, b] = open(2) as [Page, Page];
      await a.state("ended", await dial(a, "engaged"));
      await shows("phone-1 → engaged: ended busy, not answered");
      await dial(a, b.number);
      await b.state("ringing");
      await b.phone.ask("phone.hangup", { line: 1, reason: "busy" });
      await a.state("ended");
      const cancelled = await dial(a, b.number);
      await b.state("ringing");
      await a.phone.ask("phone.hangup", { line: cancelled });
      await b.state("ended");
      await a.state("ended", await dial(a, "nobody-at-all"));
      await shows(
        "phone-1 → engaged: ended busy, not answered",
        "phone-1 → phone-2: ended busy, not answered",
        "phone-1 → phone-2: ended cancelled, not answered",
        "phone-1 → nobody-at-all: ended noroute, not answered",
      );
    });

    it("a call that is transferred stays one row; an attended transfer's two calls stay two", async () => {
      const [a, b, c] = open(3) as [Page, Page, Page];
      await talk(a, b);
      const transferring = b.phone.ask("phone.transfer", { line: 1, to: c.number });
      await c.state("ringing");
      await c.phone.ask("phone.answer", { line: 1 });
      assert.equal((await transferring).outcome, "transferred");
      await twoLooks();
      await shows("phone-1 → phone-2: answered");
      await c.phone.ask("phone.hangup", { line: 1 });
      await shows("phone-1 → phone-2: ended hangup");
      await talk(a, b);
      const second = await talk(b, c);
      await b.phone.ask("phone.transfer", { line: 1, to: second });
      await twoLooks();
      await shows(
        "phone-1 → phone-2: ended hangup",
        "phone-1 → phone-2: answered",
        "phone-2 → phone-3: answered",
      );
      await c.phone.ask("phone.hangup", { line: 1 });
      await shows(
        "phone-1 → phone-2: ended hangup",
        "phone-1 → phone-2: ended hangup",
        "phone-2 → phone-3: ended hangup",
      );
    });

    it("a call by `yayts call` is one row", async () => {
      const { code } = await runCommand([
        "call",
        "ivr",
        "--yate",
        subject.address,
        "--caller",
        "700",
        "--press",
        "5",
      ]);
      assert.equal(code, 0);
      await shows("700 → ivr: ended hangup");
    });
  });
}
