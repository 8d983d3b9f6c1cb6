import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createMediaBench, type MediaBench } from "../../../test/media-bench.ts";

/** A dumb channel that is called into a room: [its id, its leg, the result]. */
async function join(bench: MediaBench, room: string, params: Record<string, string | number | boolean> = {}) {
  const made = await bench.send("call.execute", { callto: "dumb/", target: "x", direct: "dumb/y" });
  const id = made.params.id ?? "";
  const call = await bench.as(id, "call.execute", { callto: `conf/${room}`, ...params });
  return { id, leg: call.params.peerid ?? "", ...call };
}

const events = (bench: MediaBench): (string | undefined)[] =>
  bench.all("chan.notify").map((one) => one.event);

test("the first caller makes the room, the next ones join it", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team");
  assert.equal(one.handled, true);
  assert.match(one.leg, /^conf\/\d+$/);
  assert.deepEqual([one.params.room, one.params.newroom, one.params.users], ["conf/team", "true", "1"]);
  const two = await join(bench, "team");
  assert.deepEqual([two.params.room, two.params.newroom, two.params.users], ["conf/team", "false", "2"]);
  const [connected] = bench.all("chan.connected").filter((each) => each.id === two.leg);
  assert.deepEqual([connected?.direction, connected?.address], ["outgoing", "team"]);
  assert.ok(bench.all("chan.startup").every((each) => each.id?.startsWith("dumb/")));
});

test("a room without a name is given one", async () => {
  await using bench = await createMediaBench();
  assert.equal((await join(bench, "")).params.room, "conf/x-1");
  assert.equal((await join(bench, "")).params.room, "conf/x-2");
});

test("existing refuses a room that is not there, maxusers the counted legs beyond it", async () => {
  await using bench = await createMediaBench();
  assert.equal((await join(bench, "team", { existing: true })).handled, false);
  await join(bench, "team", { maxusers: 1, lonely: true });
  const more = await join(bench, "team", { maxusers: 5 });
  assert.deepEqual([more.handled, more.params.error], [false, undefined]);
  assert.equal((await join(bench, "team", { existing: true, utility: true })).handled, true);
  assert.equal((await join(bench, "team", { counted: false })).handled, true);
});

test("nobody can be called by a room", async () => {
  await using bench = await createMediaBench();
  assert.equal((await bench.send("call.execute", { callto: "conf/team", target: "x" })).handled, false);
});

test("the last one left alone is hung up", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team");
  const two = await join(bench, "team");
  await join(bench, "team", { utility: true });
  await bench.send("call.drop", { id: one.id });
  const [gone] = bench.all("chan.disconnected").filter((each) => each.id === two.id);
  assert.equal(gone?.reason, "hangup");
  assert.match((await bench.send("engine.status", { module: "conf" })).retvalue, /chans=0.*rooms=0/);
});

test("a lonely room keeps its last user, and housekeeping alone keeps none", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { lonely: true });
  const two = await join(bench, "team");
  await join(bench, "team", { utility: true });
  await bench.send("call.drop", { id: one.id });
  await bench.pass(60_000);
  assert.deepEqual(
    bench.all("chan.disconnected").filter((each) => each.id === two.id && each.lastpeerid === two.leg),
    [],
  );
  await bench.send("call.drop", { id: two.id });
  assert.match((await bench.send("engine.status", { module: "conf" })).retvalue, /chans=0/);
});

test("a lonely timeout ends a room with a single user, with reason timeout", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { lonely: 3000 });
  await bench.clock.advance(2000);
  assert.match(
    (await bench.send("engine.status", { module: "conf/team" })).retvalue,
    /lonely=true,expire=1000/,
  );
  const two = await join(bench, "team");
  assert.match(
    (await bench.send("engine.status", { module: "conf/team" })).retvalue,
    /lonely=true,expire=0,/,
  );
  await bench.pass(10_000);
  await bench.send("call.drop", { id: two.id });
  await bench.clock.advance(2900);
  const gone = () =>
    bench.all("chan.disconnected").filter((each) => each.id === one.id && each.lastpeerid === one.leg);
  assert.deepEqual(gone(), []);
  await bench.pass(200);
  assert.equal(gone()[0]?.reason, "timeout");
});

test("an owner keeps the room for its last user until it hangs up", async () => {
  await using bench = await createMediaBench();
  const owner = await bench.send("call.execute", { callto: "dumb/", target: "x", direct: "dumb/owner" });
  const one = await join(bench, "team", { confowner: owner.params.id ?? "" });
  const two = await join(bench, "team");
  await bench.send("call.drop", { id: one.id });
  const gone = () =>
    bench.all("chan.disconnected").some((each) => each.id === two.id && each.lastpeerid === two.leg);
  assert.equal(gone(), false);
  assert.match(
    (await bench.send("engine.status", { module: "conf/team" })).retvalue,
    /users=1,chans=1,owners=1/,
  );
  await bench.send("call.drop", { id: owner.params.id ?? "" });
  assert.equal(gone(), true);
});

test("the owner who is the last user does not keep the room", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { confowner: true });
  const two = await join(bench, "team");
  await bench.send("call.drop", { id: two.id });
  assert.ok(bench.all("chan.disconnected").some((each) => each.id === one.id && each.reason === "hangup"));
});

test("call.drop of a room drops everybody with the reason given", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team");
  await join(bench, "team");
  assert.equal((await bench.send("call.drop", { id: "conf/team", reason: "closed" })).handled, true);
  const told = bench
    .all("chan.disconnected")
    .filter((each) => each.id === one.id && each.lastpeerid === one.leg);
  assert.equal(told[0]?.reason, "closed");
  assert.equal((await bench.send("call.drop", { id: "conf/team" })).handled, false);
});

test("each hears the sum of the others and not itself", async () => {
  await using bench = await createMediaBench();
  const legs = [await join(bench, "team"), await join(bench, "team"), await join(bench, "team")];
  const levels = [1000, 300, 70];
  for (const [i, { id }] of legs.entries()) {
    const sound = await bench.file(
      `${i}.slin`,
      new Uint8Array(Int16Array.from({ length: 8000 }, (_, n) => (n % 2 ? 1 : -1) * (levels[i] ?? 0)).buffer),
    );
    await bench.as(id, "chan.attach", {
      consumer: `wave/record/${bench.path(`heard${i}.slin`)}`,
      source: `wave/play/${sound}`,
    });
  }
  await bench.pass(2000);
  for (const { id } of legs) await bench.as(id, "chan.attach", { consumer: "-" });
  const loudest = async (i: number): Promise<number> => {
    const bytes = Uint8Array.from(await readFile(bench.path(`heard${i}.slin`)));
    return Math.max(...new Int16Array(bytes.buffer));
  };
  assert.deepEqual([await loudest(0), await loudest(1), await loudest(2)], [370, 1070, 1300]);
});

test("a room without sound rests", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team");
  await join(bench, "team");
  assert.equal(bench.engine.ticker.figures.subscribers, 0);
  await bench.as(one.id, "chan.attach", { source: "tone/440" });
  await bench.as(one.id, "chan.attach", { source: "tone/dial" });
  await bench.pass(100);
  assert.equal(bench.engine.ticker.figures.subscribers, 2);
  await bench.as(one.id, "chan.attach", { source: "-" });
  await bench.pass(3000);
  assert.equal(bench.engine.ticker.figures.subscribers, 0);
});

test("chan.control mutes a leg, and only the leg itself can be addressed", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team");
  const two = await join(bench, "team");
  await bench.as(one.id, "chan.attach", { source: "tone/dial" });
  await bench.as(two.id, "chan.attach", { consumer: `wave/record/${bench.path("out.slin")}` });
  const control = (params: Record<string, string>) => bench.send("chan.control", params);
  assert.equal((await control({ targetid: one.leg, mute: "true" })).handled, true);
  assert.equal((await control({ targetid: one.leg, mute: "maybe" })).handled, false);
  assert.equal((await control({ targetid: one.id, mute: "false" })).handled, false);
  assert.match((await bench.send("engine.status", { module: one.leg })).retvalue, /mute=true,signal=false/);
  await bench.pass(2000);
  await bench.as(two.id, "chan.attach", { consumer: `wave/record/${bench.path("later.slin")}` });
  const muted = await readFile(bench.path("out.slin"));
  assert.ok(muted.length <= 52 * 320, "the room rests soon, as nobody else makes a sound");
  assert.ok(muted.subarray(320).every((byte) => byte === 0));
  assert.equal((await control({ targetid: one.leg, mute: "no" })).handled, true);
  await bench.pass(1000);
  await bench.as(two.id, "chan.attach", { consumer: "-" });
  const heard = await readFile(bench.path("later.slin"));
  assert.ok(heard.length >= 15_000 && heard.subarray(1000).some((byte) => byte !== 0));
  assert.match(
    (await bench.send("engine.status", { module: one.leg })).retvalue,
    /mute=false,signal=true,noise=\d+,energy=2\d/,
  );
});

test("call.conference puts a channel and its peer into a room, silently for the pair", async () => {
  await using bench = await createMediaBench();
  const [one, other] = await bench.pair();
  const put = await bench.as(one, "call.conference", { room: "conf/team" });
  assert.equal(put.handled, true);
  assert.deepEqual([put.params.room, put.params.newroom, put.params.users], ["conf/team", "true", "2"]);
  assert.match(put.params.peerid ?? "", /^conf\/\d+$/);
  assert.deepEqual(bench.all("chan.disconnected"), []);
  const connected = bench.all("chan.connected").filter((each) => each.reason === "conference");
  assert.ok(connected.some((each) => each.id === one) && connected.some((each) => each.id === other));
  assert.equal(
    (await bench.as(one, "call.conference", { room: "conf/team" })).handled,
    true,
    "nothing to do",
  );
  assert.match((await bench.send("engine.status", { module: "conf/team" })).retvalue, /users=2,chans=2/);
});

test("call.conference moves a channel from another room, and refuses legs and foreign rooms", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "first", { lonely: true });
  const two = await join(bench, "first");
  const moved = await bench.as(two.id, "call.conference", { room: "conf/second", lonely: true });
  assert.deepEqual([moved.params.room, moved.params.users], ["conf/second", "1"]);
  assert.match((await bench.send("engine.status", { module: "conf/first" })).retvalue, /users=1/);
  assert.equal((await bench.as(one.leg, "call.conference", { room: "conf/third" })).handled, false);
  assert.equal((await bench.as(one.id, "call.conference", { room: "other/third" })).handled, false);
  const generated = await bench.as(one.id, "call.conference", { lonely: true });
  assert.equal(generated.params.room, "conf/x-1");
});

test("call.conference without a channel changes owners and recording of a room that exists", async () => {
  await using bench = await createMediaBench();
  assert.equal((await bench.send("call.conference", { room: "conf/team", confowner: "x" })).handled, false);
  await join(bench, "team", { lonely: true });
  const nothing = await bench.send("call.conference", { room: "conf/team" });
  assert.deepEqual([nothing.handled, nothing.params.users], [false, "1"]);
  assert.equal(
    (await bench.send("call.conference", { room: "conf/team", confowner: "dumb/9" })).handled,
    true,
  );
  assert.match((await bench.send("engine.status", { module: "conf/team" })).retvalue, /owners=1/);
});

test("a room is recorded as everybody hears it, until told otherwise", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { notify: "room", lonely: true });
  await bench.as(one.id, "chan.attach", { source: "tone/dial" });
  const record = `wave/record/${bench.path("room.slin")}`;
  assert.equal((await bench.send("call.conference", { room: "conf/team", record })).handled, true);
  await bench.pass(1000);
  const told = bench.all("chan.notify").find((each) => each.event === "recording");
  assert.deepEqual(
    [told?.targetid, told?.module, told?.counted, told?.utility, told?.room, told?.users, told?.record],
    ["room", "conf", "false", "true", "team", "1", record],
  );
  assert.match((await bench.send("engine.status", { module: "conf/team" })).retvalue, /users=1,chans=2/);
  await bench.send("call.conference", { room: "conf/team", record: "-" });
  assert.match((await bench.send("engine.status", { module: "conf/team" })).retvalue, /users=1,chans=1/);
  const recorded = new Int16Array(Uint8Array.from(await readFile(bench.path("room.slin"))).buffer);
  assert.ok(recorded.length >= 7000, `${recorded.length} samples`);
  assert.ok(Math.max(...recorded) > 9000);
});

test("a warning is played to the room when its recording begins", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", {
    lonely: true,
    record: "wave/record/-",
    recordwarn: "tone/1000/200",
  });
  await bench.as(one.id, "chan.attach", { consumer: `wave/record/${bench.path("heard.slin")}` });
  await bench.pass(2000);
  await bench.as(one.id, "chan.attach", { consumer: "-" });
  const heard = new Int16Array(Uint8Array.from(await readFile(bench.path("heard.slin"))).buffer);
  assert.ok(Math.max(...heard) >= 4900);
});

test("a room tells its life to the target of its notifications", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { notify: "room", caller: "alice", maxusers: 4 });
  const two = await join(bench, "team", { player: true });
  await join(bench, "team", { utility: true });
  await bench.send("call.drop", { id: two.id });
  assert.deepEqual(events(bench), ["created", "joined", "joined", "left", "left", "destroyed"]);
  const [created, first, second, left, , destroyed] = bench.all("chan.notify");
  assert.deepEqual(
    { ...created, handlers: undefined },
    {
      targetid: "room",
      event: "created",
      room: "team",
      rate: "8000",
      maxusers: "4",
      caller: "alice",
      called: "",
      billid: created?.billid,
      username: "",
      handlers: undefined,
    },
  );
  assert.deepEqual(first, {
    id: one.leg,
    targetid: "room",
    event: "joined",
    counted: "true",
    utility: "false",
    room: "team",
    maxusers: "4",
    users: "1",
  });
  assert.deepEqual([second?.id, second?.users, second?.player], [two.leg, "2", two.leg]);
  assert.deepEqual(
    [left?.id, left?.users, left?.lonely, left?.player, left?.lastpeerid],
    [two.leg, "1", undefined, undefined, two.id],
  );
  assert.deepEqual(destroyed, { targetid: "room", event: "destroyed", room: "team", maxusers: "4" });
});

test("in a lonely room left tells whether one user stays alone", async () => {
  await using bench = await createMediaBench();
  await join(bench, "team", { notify: "room", lonely: true });
  const two = await join(bench, "team");
  await bench.send("call.drop", { id: two.id });
  assert.equal(bench.all("chan.notify").find((each) => each.event === "left")?.lonely, "true");
});

test("speakers are reported on change, not more often than the interval, and every five seconds", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { notify: "room", speakers: 2, interval: 1000 });
  const two = await join(bench, "team");
  const speaking = () => bench.all("chan.notify").filter((each) => each.event === "speaking");
  await bench.as(one.id, "chan.attach", { source: "tone/milliwatt" });
  await bench.pass(500);
  assert.equal(speaking().length, 1);
  const [first] = speaking();
  assert.deepEqual(
    [
      first?.room,
      first?.maxusers,
      first?.["speaker.1"],
      first?.["speaker.1.peer"],
      first?.speakers,
      first?.changed,
    ],
    ["team", "10", one.leg, one.id, "1", "true"],
  );
  assert.match(first?.["speaker.1.energy"] ?? "", /^\d+$/);
  await bench.as(two.id, "chan.attach", { source: "tone/busy" });
  await bench.pass(400);
  assert.equal(speaking().length, 1, "within the interval");
  await bench.pass(300);
  assert.equal(speaking().length, 2);
  assert.equal(speaking()[1]?.speakers, "2");
  await bench.as(two.id, "chan.attach", { source: "-" });
  await bench.pass(1500);
  assert.equal(speaking().at(-1)?.speakers, "1");
  const before = speaking().length;
  await bench.pass(5100);
  assert.equal(speaking().length, before + 1);
  assert.equal(speaking().at(-1)?.changed, "false");
});

test("keys and texts for a leg become notifications of the room", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { notify: "room", maxusers: 1, lonely: true });
  await bench.as(one.id, "chan.dtmf", { text: "5" });
  const told = bench.all("chan.notify").find((each) => each.event === "dtmf");
  assert.deepEqual(
    [told?.id, told?.peerid, told?.targetid, told?.text, told?.room, told?.users, told?.full, told?.counted],
    [one.leg, one.id, "room", "5", "team", "1", "true", "true"],
  );
  assert.deepEqual(bench.all("chan.dtmf"), []);
  await bench.send("chan.text", { id: one.id, targetid: one.leg, text: "hello" });
  assert.equal(bench.all("chan.notify").at(-1)?.event, "text");
});

test("without a target for notifications keys keep their name and learn the room", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { lonely: true });
  await bench.as(one.id, "chan.dtmf", { text: "5" });
  assert.equal(bench.all("chan.dtmf")[0]?.room, "team");
});

test("a leg with keeptarget leaves keys that are aimed elsewhere alone", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { notify: "room", keeptarget: true, lonely: true });
  await bench.send("chan.dtmf", { id: one.id, peerid: one.leg, targetid: "app", text: "5" });
  assert.equal(bench.all("chan.dtmf")[0]?.targetid, "app");
});

test("a leg with billing tells its birth and its end", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { billing: true, lonely: true, caller: "alice" });
  await bench.send("call.drop", { id: one.id });
  assert.equal(bench.all("chan.startup").find((each) => each.id === one.leg)?.caller, "alice");
  assert.ok(bench.all("chan.hangup").some((each) => each.id === one.leg));
});

test("a leg's timeout ends it", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { timeout: 5000, lonely: true });
  await bench.pass(7000);
  assert.equal(bench.all("chan.disconnected").find((each) => each.lastpeerid === one.leg)?.reason, "timeout");
});

test("the status line of a room", async () => {
  await using bench = await createMediaBench();
  await join(bench, "team", { notify: "room", rate: 16_000 });
  const status = await bench.send("engine.status", { module: "conf/team" });
  assert.equal(status.handled, true);
  assert.equal(
    status.retvalue,
    "name=conf/team,type=conference;module=conf,room=team,maxusers=10,lonely=false,expire=0,rate=16000,users=1,chans=1,owners=0,notify=room\r\n",
  );
});

test("the end of all speaking is reported even after a long interval", async () => {
  await using bench = await createMediaBench();
  const one = await join(bench, "team", { notify: "room", speakers: true });
  await join(bench, "team");
  await bench.as(one.id, "chan.attach", { source: "tone/milliwatt" });
  await bench.pass(500);
  await bench.as(one.id, "chan.attach", { source: "-" });
  await bench.pass(10_000);
  const speaking = bench.all("chan.notify").filter((each) => each.event === "speaking");
  assert.deepEqual(
    speaking.map((each) => each.speakers),
    ["1", "0"],
  );
  assert.equal(bench.engine.ticker.figures.subscribers, 0);
});

test("a recorder that fails or is stopped leaves the first user in the room", async () => {
  await using bench = await createMediaBench();
  await join(bench, "team", { record: "nosuch/target" });
  assert.match((await bench.send("engine.status", { module: "conf/team" })).retvalue, /users=1,chans=1/);
  await bench.send("call.conference", { room: "conf/team", record: "wave/record/-" });
  await bench.send("call.conference", { room: "conf/team", record: "-" });
  assert.match((await bench.send("engine.status", { module: "conf/team" })).retvalue, /users=1,chans=1/);
});
