/** The contract of conferences, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { access, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type Call,
  type CallKitOptions,
  type Conference,
  type ConferenceEvent,
  type ConferenceOptions,
  tone,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { placeCaller } from "yayts/testing";
import { Calling, type Pair } from "./call-sound-contract.ts";
import type { ContractSubject } from "./yate-contract.ts";

export function callConferenceContract(
  title: string,
  start: () => Promise<ContractSubject>,
  options: CallKitOptions = {},
): void {
  describe(`conferences over ${title}`, { timeout: 90_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let callers: Yate;
    let calling: Calling;
    let folder = "";
    let names = 0;
    /** Loops over messages that the app has begun and not ended. */
    const open: Set<unknown> = new Set();

    const newRoom = (roomOptions: ConferenceOptions = {}): Conference =>
      app.conference(`room${++names}`, roomOptions);
    const until = async (what: string, fits: () => boolean | Promise<boolean>): Promise<void> => {
      for (let tries = 0; tries < 300; tries++) {
        if (await fits()) return;
        await delay(20);
      }
      assert.fail(`it never came: ${what}`);
    };
    const present = async (room: Conference, count: number): Promise<void> =>
      await until(`${count} members`, () => room.members.length === count);
    /** Two calls in one room. */
    const two = async (room: Conference) => {
      const [one, other] = [await calling.answered(), await calling.answered()];
      const joined = [
        one.call.join(room, { leaveOn: "#" }),
        other.call.join(room, { leaveOn: "#" }),
      ] as const;
      await present(room, 2);
      return { one, other, joined };
    };
    const chansOf = async (room: Conference): Promise<number> => {
      const status = await callers.msg("engine.status", { module: `conf/${room.name}` }).dispatch();
      return Number(/chans=(\d+)/.exec(status.retvalue)?.[1] ?? 0);
    };
    const closed = async (room: Conference): Promise<void> => {
      for (let tries = 0; (await chansOf(room)) > 0; tries++) {
        assert.ok(tries < 100, `conf/${room.name} is still there`);
        await delay(20);
      }
    };

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "yayts-call-conference-"));
      subject = await start();
      app = withCalls(counted(await subject.connect(), open), {
        cacheFolder: join(folder, "cache"),
        ...options,
      });
      callers = await subject.connect();
      calling = new Calling(app, callers);
      await app.setlocal("engine.version");
    });
    after(async () => {
      app.abort();
      callers.abort();
      await subject.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("those who joined hear each other, and the program goes on when its call leaves by a key", async () => {
      const room = newRoom();
      const { one, other, joined } = await two(room);
      assert.deepEqual(room.members.map(({ call }) => call).sort(byId), [one.call, other.call].sort(byId));
      await say(one, "digits/en/5");
      await other.caller.hears("digits/en/5");
      await one.caller.press("#");
      const end = await joined[0];
      assert.ok(end.kind === "left" && end.by === "key" && end.key === "#", JSON.stringify(end));
      assert.ok(end.stayedMs > 200 && end.stayedMs < 10_000, `${end.stayedMs} ms`);
      assert.equal((await one.call.play("digits/7")).kind, "completed");
      await one.caller.hears("digits/en/7");
      await one.caller.hangup();
      const last = await joined[1];
      assert.ok(last.kind === "left" && last.by === "closed", "the last one is not left alone");
      assert.equal((await other.call.play("digits/1")).kind, "completed");
      await other.caller.hangup();
      await closed(room);
      assert.deepEqual(room.members, []);
    });

    it("keys are told to onKey and read by dtmf; those nobody read are forgotten with the room", async () => {
      const room = newRoom();
      const { call, caller } = await calling.answered();
      const told: string[] = [];
      const joined = call.join(room, { leaveOn: "#", onKey: (key) => void told.push(key) });
      await present(room, 1);
      await caller.press("12#", { gapMs: 100 });
      const end = await joined;
      assert.ok(end.kind === "left" && end.by === "key");
      assert.deepEqual(told, ["1", "2"]);
      const keys = call.dtmf();
      const again = call.join(room);
      await present(room, 1);
      const first = keys.next();
      await caller.press("9");
      assert.deepEqual(await first, { done: false, value: "9" });
      const left = await again.leave();
      assert.ok(left.kind === "left" && left.by === "left");
      await caller.hangup();
      await keys.return?.();
    });

    it("a muted member is not heard until it is unmuted", async () => {
      const room = newRoom({ lonely: true });
      const [one, other] = [await calling.answered(), await calling.answered()];
      void one.call.join(room, { muted: true });
      void other.call.join(room);
      await present(room, 2);
      await until("muted", () => room.members.some(({ call, muted }) => call === one.call && muted));
      await say(one, "digits/en/5");
      assert.equal((await room.unmute(one.call)).kind, "done");
      await say(one, "digits/en/9");
      await other.caller.hears("digits/en/9");
      const heard = (await other.caller.heard({ among: "digits/en/" })).map(({ name }) => name);
      assert.ok(!heard.includes("digits/en/5"), `heard ${heard}`);
      assert.equal((await room.mute(one.call)).kind, "done");
      await one.caller.hangup();
      await other.caller.hangup();
      await closed(room);
    });

    it("one who may not talk only listens", async () => {
      const room = newRoom({ lonely: true });
      const [one, other] = [await calling.answered(), await calling.answered()];
      void one.call.join(room, { talk: false });
      void other.call.join(room);
      await present(room, 2);
      // To nobody: the engine does not even begin it.
      void say(one, "digits/en/5").catch(() => {});
      await say(other, "digits/en/6");
      await one.caller.hears("digits/en/6");
      assert.deepEqual(await other.caller.heard({ among: "digits/en/5" }), []);
      await one.caller.hangup();
      await other.caller.hangup();
    });

    it("an announcement is heard by all, also by one who is alone and stays", async () => {
      const room = newRoom({ lonely: true });
      const one = await calling.answered();
      const joined = one.call.join(room, { announce: "digits/1" });
      await one.caller.hears("digits/en/1");
      await delay(500);
      assert.equal(room.members.length, 1, "an announcement that ends sends nobody home");
      const other = await calling.answered();
      void other.call.join(room);
      await present(room, 2);
      const [first, second] = await Promise.all([room.announce("digits/2"), room.announce("digits/3")]);
      assert.deepEqual([first.kind, second.kind], ["completed", "completed"]);
      for (const { caller } of [one, other]) {
        await caller.hears("digits/en/2");
        await caller.hears("digits/en/3");
      }
      assert.equal(room.members.length, 2);
      await until("the announcer has gone", async () => (await chansOf(room)) === 2);
      await one.caller.hangup();
      await other.caller.hangup();
      assert.equal((await joined).kind, "hangup");
    });

    it("one who is kicked while something is announced comes back to its program", async () => {
      const room = newRoom();
      const { one, other, joined } = await two(room);
      const announced = room.announce(tone("dial", 1500));
      await until("the announcer is there", async () => (await chansOf(room)) === 3);
      assert.equal((await room.kick(one.call)).kind, "done");
      const end = await joined[0];
      assert.ok(end.kind === "left" && end.by === "kicked", JSON.stringify(end));
      assert.equal((await one.call.play("digits/7")).kind, "completed");
      assert.ok(["hangup", "completed"].includes((await announced).kind));
      assert.deepEqual((await room.kick(one.call)).kind, "failed");
      const last = await joined[1];
      assert.ok(last.kind === "left" && last.by === "closed");
      await one.caller.hangup();
      await other.caller.hangup();
      await closed(room);
    });

    it("when the room is closed all come back, and what is announced ends", async () => {
      const room = newRoom();
      const { one, other, joined } = await two(room);
      const announced = room.announce(tone("dial"));
      await until("the announcer is there", async () => (await chansOf(room)) === 3);
      assert.equal((await room.close()).kind, "done");
      for (const end of await Promise.all(joined)) assert.ok(end.kind === "left" && end.by === "closed");
      assert.equal((await announced).kind, "hangup");
      const again = await room.close();
      assert.ok(again.kind === "failed" && again.error.code === "room-empty");
      const silent = await room.announce("digits/1");
      assert.ok(silent.kind === "failed" && silent.error.code === "room-empty");
      for (const { call, caller } of [one, other]) {
        assert.equal((await call.play("digits/1")).kind, "completed");
        await caller.hangup();
      }
    });

    it("a full room takes nobody else, who stays where he is", async () => {
      const room = newRoom({ maxUsers: 1, lonely: true });
      const [one, other] = [await calling.answered(), await calling.answered()];
      void one.call.join(room);
      await present(room, 1);
      const end = await other.call.join(room);
      assert.ok(end.kind === "failed" && end.error.code === "room-full", JSON.stringify(end));
      assert.equal((await other.call.play("digits/1")).kind, "completed");
      await one.caller.hangup();
      await other.caller.hangup();
      await closed(room);
    });

    it("a locked room takes nobody, whatever way he comes, until it is unlocked", async () => {
      const room = newRoom({ lonely: true });
      const [one, other] = [await calling.answered(), await calling.answered()];
      void one.call.join(room);
      await present(room, 1);
      await room.lock();
      assert.equal(room.locked, true);
      const end = await other.call.join(room);
      assert.ok(end.kind === "failed" && end.error.code === "room-locked");
      const stranger = await callers
        .msg("chan.masquerade", { id: other.caller.id, message: "call.execute", callto: `conf/${room.name}` })
        .dispatch();
      assert.equal(stranger.handled, false);
      assert.equal(stranger.get("error"), "forbidden");
      assert.equal((await room.announce("digits/1")).kind, "completed", "who is in it still hears");
      room.unlock();
      await app.setlocal("engine.version");
      const joined = other.call.join(room);
      await present(room, 2);
      await other.caller.hangup();
      assert.equal((await joined).kind, "hangup");
      await one.caller.hangup();
      await closed(room);
    });

    it("a lonely room keeps its last member", async () => {
      const room = newRoom({ lonely: true });
      const { one, other, joined } = await two(room);
      await one.caller.hangup();
      await present(room, 1);
      await delay(300);
      assert.equal(await chansOf(room), 1);
      await other.caller.press("#");
      assert.equal((await joined[1]).kind, "left");
      await other.caller.hangup();
      await closed(room);
    });

    it("who comes, talks and goes is told, calls of others too", async () => {
      const room = newRoom();
      const events: ConferenceEvent[] = [];
      const loop = room.events();
      const reading = (async () => {
        for await (const event of loop) events.push(event);
      })();
      const forget = room.onEvent(() => {
        throw new Error("a listener that fails hurts nobody");
      });
      const one = await calling.answered();
      const joined = one.call.join(room, { leaveOn: "#" });
      await present(room, 1);
      const stranger = await placeCaller(callers, `conf/${room.name}`, {
        params: { direct: `conf/${room.name}` },
      });
      await present(room, 2);
      const member = room.members.find(({ call }) => call === undefined);
      assert.equal(member?.id, stranger.id);
      await say(one, "en/welcome");
      await until("talking", () =>
        events.some(
          (event) => event.kind === "talking" && event.members.some(({ call }) => call === one.call),
        ),
      );
      // A telephone sends silence too; without it a real YATE takes it that he still talks.
      await callers
        .msg("chan.masquerade", { id: one.caller.id, message: "chan.attach", source: "wave/play/-" })
        .dispatch();
      await until("silence", () => {
        const last = events.findLast((event) => event.kind === "talking");
        return last?.kind === "talking" && last.members.length === 0;
      });
      assert.equal((await room.kick(stranger.id)).kind, "done");
      await stranger.ended;
      await closed(room);
      await until("the end is told", () => events.at(-1)?.kind === "closed");
      const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== "talking");
      assert.deepEqual(kinds, ["joined", "joined", "left", "left", "closed"]);
      forget();
      await loop.return?.();
      await reading;
      assert.equal((await joined).kind, "left");
      await one.caller.hangup();
    });

    it("members who were there before are known", async () => {
      const name = `room${++names}`;
      const made = await callers
        .msg("call.execute", { callto: "dumb/", direct: "dumb/", target: "x" })
        .dispatch();
      const stranger = made.get("id") ?? "";
      await callers
        .msg("chan.masquerade", {
          id: stranger,
          message: "call.execute",
          callto: `conf/${name}`,
          notify: "x",
          lonely: true,
        })
        .dispatch();
      const room = app.conference(name);
      await present(room, 1);
      assert.deepEqual([room.members[0]?.id, room.members[0]?.call], [stranger, undefined]);
      const { call, caller } = await calling.answered();
      const joined = call.join(room);
      await present(room, 2);
      await callers.msg("call.drop", { id: stranger }).dispatch();
      const end = await joined;
      assert.ok(end.kind === "left" && end.by === "closed");
      await caller.hangup();
      await closed(room);
    });

    it("a hang-up ends the stay at its beginning, in its middle and after it", async () => {
      const room = newRoom({ lonely: true });
      const before = await calling.answered();
      await before.caller.hangup();
      await before.call.ended;
      assert.equal((await before.call.join(room)).kind, "hangup");
      const beginning = await calling.answered();
      const ending = beginning.caller.hangup();
      const began = await beginning.call.join(room, { announce: "en/welcome" });
      assert.equal(began.kind, "hangup");
      await ending;
      const middle = await calling.answered();
      const joined = middle.call.join(room, { leaveOn: "#", announce: "en/welcome" });
      await present(room, 1);
      await middle.caller.hangup();
      assert.equal((await joined).kind, "hangup");
      const end = await calling.answered();
      const leaving = end.call.join(room, { leaveOn: "#" });
      await present(room, 1);
      await Promise.all([end.caller.press("#"), delay(5).then(() => end.caller.hangup())]);
      assert.ok(["hangup", "left"].includes((await leaving).kind));
      await closed(room);
      await until("nobody is left", () => room.members.length === 0);
    });

    it("a call that is elsewhere or was given up cannot join", async () => {
      const room = newRoom({ lonely: true });
      const { call, caller } = await calling.answered();
      const joined = call.join(room);
      await present(room, 1);
      const twice = await call.join(room);
      assert.ok(twice.kind === "failed" && twice.error.code === "call-elsewhere");
      const leaving = new AbortController();
      const left = await joined.leave();
      assert.equal(left.kind, "left");
      const again = call.join(room, { signal: leaving.signal });
      await present(room, 1);
      leaving.abort();
      const end = await again;
      assert.ok(end.kind === "left" && end.by === "left");
      await caller.hangup();
      assert.throws(() => app.conference("a/b"), /bad-argument/);
      assert.throws(() => app.conference("a", { maxUsers: 0 }), /bad-argument/);
    });

    it("the room is recorded to a .wav", {
      skip: options.sound === "rtp" && "the disk counts as another",
    }, async () => {
      const to = join(folder, "recorded", "room.wav");
      const room = newRoom();
      const { one, other, joined } = await two(room);
      const begun = await room.record(to);
      assert.equal(begun.kind, "recording");
      await say(one, "digits/en/5");
      await say(other, "digits/en/6");
      const end = await room.stopRecording();
      assert.ok(end?.kind === "recorded" && end.where === "app" && end.file === to, JSON.stringify(end));
      assert.ok(end.durationMs > 500);
      assert.deepEqual(await readdir(join(folder, "recorded")), ["room.wav"]);
      await one.caller.hangup();
      await Promise.all(joined);
      await other.caller.hangup();
      const nobody = await room.record(to);
      assert.ok(nobody.kind === "failed" && nobody.error.code === "room-empty", JSON.stringify(nobody));
      assert.equal(await room.stopRecording(), undefined);
    });

    it("a recording from the beginning ends with the room", {
      skip: options.sound === "rtp" && "the disk counts as another",
    }, async () => {
      const to = join(folder, "whole", "room.wav");
      const room = newRoom({ record: to });
      const ended: string[] = [];
      const forget = room.onEvent(({ kind }) => void ended.push(kind));
      const one = await calling.answered();
      const joined = one.call.join(room);
      await until("it is recorded", () => ended.includes("recording"));
      await say(one, "en/welcome");
      await one.caller.hangup();
      await joined;
      await until("the end", () => ended.includes("closed"));
      for (let tries = 0; tries < 100 && !(await exists(to)); tries++) await delay(50);
      forget();
      assert.ok(await exists(to));
    });

    it("nothing is left when all have gone", async () => {
      await until("the end of every loop", () => open.size === 0);
      const room = newRoom();
      await until("a room that is not there is not followed", () => open.size === 0);
      assert.deepEqual(room.members, []);
      const loop = room.events();
      await until("it is followed", () => open.size > 0);
      await loop.return?.();
      await until("the end of every loop", () => open.size === 0);
    });
  });
}

/** The same engine; `open` has the loops that were begun and not ended. */
function counted(yate: Yate, open: Set<unknown>): Yate {
  const watches: Yate["watches"] = (name, guard, streamOptions) => {
    const stream = yate.watches(name, guard, streamOptions);
    const end = stream.return.bind(stream);
    open.add(stream);
    return Object.assign(stream, {
      return: () => {
        open.delete(stream);
        return end();
      },
    });
  };
  return Object.assign(Object.create(yate) as Yate, { watches });
}

const sounds = fileURLToPath(new URL("../../sounds", import.meta.url));

async function say({ caller }: Pair, prompt: string): Promise<void> {
  await caller.say(`${sounds}/${prompt}.gsm`);
}

function byId(one: Call | undefined, other: Call | undefined): number {
  return (one?.id ?? "").localeCompare(other?.id ?? "");
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
