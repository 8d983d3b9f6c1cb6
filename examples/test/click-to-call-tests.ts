import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { withCalls, type Yate, type YateWithCalls } from "yayts";
import { installPhone, type Phone, type PhoneCall } from "yayts/testing";
import { clickToCall, telephoneNumber } from "../click-to-call.ts";
import type { Subject } from "./subject.ts";

interface Step {
  readonly text: string;
  readonly over: boolean;
}

/** What a page is told: one step after another. */
class Page {
  readonly steps: Step[] = [];
  readonly #done: Promise<void>;
  #news: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  constructor(url: string) {
    this.#done = this.#read(url);
  }

  /** The step with this text, as soon as it is there. */
  async sees(text: string): Promise<void> {
    while (!this.steps.some((step) => step.text === text)) {
      assert.ok(!this.steps.at(-1)?.over, `${text} was not among ${JSON.stringify(this.steps)}`);
      await Promise.race([this.#news.promise, this.#done]);
    }
  }

  /** The last step, when the stream has ended. */
  async end(): Promise<string> {
    await this.#done;
    const last = this.steps.at(-1);
    assert.equal(last?.over, true);
    return last?.text ?? "";
  }

  async #read(url: string): Promise<void> {
    const response = await fetch(url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) this.steps.push(JSON.parse(event.split("data: ")[1] ?? ""));
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    }
  }
}

export function clickToCallTests(title: string, start: () => Promise<Subject>): void {
  describe(`click-to-call on ${title}`, { concurrency: 4, timeout: 60_000 }, () => {
    let subject: Subject;
    let app: YateWithCalls;
    let callers: Yate;
    let url = "";
    const running: Promise<void>[] = [];
    /** Starts the page, and tells where it is. */
    const open = async (
      on: YateWithCalls,
      options: { ringMs?: number; maxCalls?: number } = {},
    ): Promise<string> => {
      const told = Promise.withResolvers<string>();
      const tell = (text: string): void => told.resolve(text.replace("click to call at ", ""));
      running.push(clickToCall(on, { port: 0, tell, ...options }));
      return await told.promise;
    };
    const post = (body: unknown, headers: Record<string, string> = {}, at = url): Promise<Response> =>
      fetch(`${at}/calls`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: at, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    const click = async (yours: string, theirs: string, at = url): Promise<{ page: Page; path: string }> => {
      const response = await post({ yours, theirs }, {}, at);
      assert.equal(response.status, 201);
      const path = `${at}/calls/${Object(await response.json()).id}`;
      return { page: new Page(path), path };
    };
    const phones = (...numbers: string[]): Promise<Phone[]> =>
      Promise.all(numbers.map((number) => installPhone(callers, number)));
    const ring = async (phone: Phone | undefined): Promise<PhoneCall> => {
      assert.ok(phone);
      return await phone.ring({ timeoutMs: 10_000 });
    };

    before(async () => {
      subject = await start();
      app = withCalls(await subject.connect());
      callers = await subject.connect();
      url = await open(app);
    });
    after(async () => {
      app.abort();
      await Promise.all(running);
      callers.abort();
      await subject.stop();
    });

    it("serves a page with a form that no other page can frame", async () => {
      const response = await fetch(url);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
      assert.match(response.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
      const html = await response.text();
      for (const field of ["yours", "theirs"])
        assert.match(html, new RegExp(`<input name="${field}" type="tel"`));
    });

    it("rings you, then the other one, connects both, and tells the page each step", async () => {
      const [mine, other] = await phones("501", "502");
      const { page } = await click("501", "5-02");
      const first = await ring(mine);
      assert.equal(first.caller, "502", "you see whom you are about to talk to");
      first.answer();
      const second = await ring(other);
      assert.equal(second.caller, "501");
      await page.sees("You are there. Calling 502");
      second.answer();
      await page.sees("You talk to 502");
      await second.say("./sounds/digits/en/5.gsm");
      await first.hears("digits/en/5");
      await first.say("./sounds/digits/en/6.gsm");
      await second.hears("digits/en/6");
      await second.hangup();
      await first.ended;
      assert.match(await page.end(), /^The call is over, after \d+ s$/);
      assert.deepEqual(
        page.steps
          .map(({ text }) => text)
          .filter((text) => text !== "502 rings")
          .slice(0, 3),
        ["Calling you at 501: pick up", "You are there. Calling 502", "You talk to 502"],
      );
    });

    it("tells what became of a call that does not come about, on either side", async () => {
      const [mine, other] = await phones("511", "512");
      for (const [reason, text] of [
        ["busy", "is busy"],
        ["rejected", "declines the call"],
        ["noanswer", "does not answer"],
      ] as const) {
        const yours = await click("511", "512");
        await (await ring(mine)).reject(reason);
        assert.equal(await yours.page.end(), `Your phone ${text}`);

        const theirs = await click("511", "512");
        const first = await ring(mine);
        first.answer();
        await (await ring(other)).reject(reason);
        assert.equal(await theirs.page.end(), `512 ${text}`);
        await first.ended;
      }
      const nowhere = await click("511", "519");
      (await ring(mine)).answer();
      assert.equal(await nowhere.page.end(), "519 cannot be reached: noroute");
    });

    it("gives up whom nobody answers at, and ends when you hang up meanwhile", async () => {
      const impatient = await open(app, { ringMs: 700 });
      const [mine, other] = await phones("521", "522");
      const unanswered = await click("521", "522", impatient);
      const ringing = await ring(mine);
      assert.equal(await unanswered.page.end(), "Your phone does not answer");
      await ringing.ended;

      const left = await click("521", "522");
      const first = await ring(mine);
      first.answer();
      const second = await ring(other);
      await first.hangup();
      assert.equal(await left.page.end(), "You hung up before 522 answered");
      await second.ended;
    });

    it("hangs up for the page, in each state", async () => {
      const [mine, other] = await phones("531", "532");
      const hangup = (path: string): Promise<Response> =>
        fetch(path, { method: "DELETE", headers: { origin: url } });
      const ringing = await click("531", "532");
      const unanswered = await ring(mine);
      assert.equal((await hangup(ringing.path)).status, 204);
      assert.equal(await ringing.page.end(), "Given up");
      await unanswered.ended;

      const talking = await click("531", "532");
      const first = await ring(mine);
      first.answer();
      const second = await ring(other);
      second.answer();
      await talking.page.sees("You talk to 532");
      assert.equal((await hangup(talking.path)).status, 204);
      await Promise.all([first.ended, second.ended]);
      assert.match(await talking.page.end(), /^The call is over/);
      // A page that comes late is told all of it.
      const late = new Page(talking.path);
      assert.match(await late.end(), /^The call is over/);
      assert.deepEqual(late.steps, talking.page.steps);
    });

    it("calls numbers only", async () => {
      for (const target of [
        "sip/sip:1@10.0.0.5",
        "dumb/",
        "wave/play//etc/passwd",
        "",
        "+",
        "12a",
        "1".repeat(21),
        "١٢",
      ])
        for (const body of [
          { yours: "501", theirs: target },
          { yours: target, theirs: "501" },
        ]) {
          const response = await post(body);
          assert.equal(response.status, 400, target);
          assert.match(Object(await response.json()).error, /digits/);
        }
      for (const body of [
        null,
        [],
        "no JSON",
        {},
        { yours: 501, theirs: 502 },
        { yours: "501", theirs: "501" },
      ])
        assert.equal((await post(body)).status, 400, JSON.stringify(body));
      assert.equal((await post({ yours: "5".repeat(5000), theirs: "1" })).status, 400);
      assert.equal(telephoneNumber("+48 (22) 123-45.67"), "+48221234567");
    });

    it("lets no other page call, look or hang up, under whatever name", async () => {
      const body = { yours: "501", theirs: "502" };
      for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { origin: `${url}0` }])
        assert.equal((await post(body, headers)).status, 403, headers.origin);
      assert.equal((await post(body, { "content-type": "text/plain" })).status, 415);
      assert.equal((await fetch(`${url}/calls/x`, { method: "DELETE" })).status, 403);
      assert.equal((await fetch(`${url}/calls/x`)).status, 404);
      assert.equal((await fetch(`${url}/calls`, { method: "PUT", headers: { origin: url } })).status, 404);
      // A name that was made to lead here.
      const rebound = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { host: "evil.example", origin: "http://evil.example" };
        request(url, { headers }, ({ statusCode }) => resolve(statusCode))
          .on("error", reject)
          .end();
      });
      assert.equal(rebound, 421);
    });

    it("takes only so many calls at once", async () => {
      const small = await open(app, { maxCalls: 1 });
      const [mine] = await phones("541");
      const { page } = await click("541", "542", small);
      const first = await ring(mine);
      assert.equal((await post({ yours: "541", theirs: "542" }, {}, small)).status, 429);
      await first.reject();
      await page.end();
      assert.equal((await post({ yours: "541", theirs: "542" }, {}, small)).status, 201);
      await (await ring(mine)).reject();
    });

    it("ends with the app: calls are hung up, pages told, the port free", async () => {
      const another = withCalls(await subject.connect());
      const at = await open(another);
      const [mine, other] = await phones("551", "552");
      const { page } = await click("551", "552", at);
      const first = await ring(mine);
      first.answer();
      const second = await ring(other);
      second.answer();
      await page.sees("You talk to 552");
      await another.close();
      await Promise.all([first.ended, second.ended]);
      assert.match(await page.end(), /^The call is over/);
      await running.at(-1);
      await assert.rejects(fetch(at));
    });
  });
}
