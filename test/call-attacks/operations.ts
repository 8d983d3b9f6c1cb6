/** Every operation of a call and of an app's calls, each of which can be attacked in the same ways. */
import { join } from "node:path";
import { ringGroup, samples, silence, spoken, text, tone, utterances, voicemail } from "yayts";
import { inBridge, noise, type Operation, onCall, outgoing, prompt } from "./operation.ts";

const unheard = new Set(["recorded", "hangup", "failed"]);

export const operations: readonly Operation[] = [
  onCall("answer", (call) => call.answer(), { ringing: true, kinds: ["done"] }),
  onCall("ringing", (call) => call.ringing(), { ringing: true, kinds: ["done"] }),
  onCall("progress", (call) => call.progress(), { ringing: true, kinds: ["done"] }),
  onCall("reject", (call) => call.reject("busy"), { ringing: true }),
  onCall("hangup", (call) => call.hangup("enough")),
  onCall("asyncDispose", async (call) => {
    await call[Symbol.asyncDispose]();
    return await call.ended;
  }),

  onCall("play a prompt", (call, signal) => call.play(prompt, { signal }), { signal: true }),
  onCall("play before the answer", (call, signal) => call.play(prompt, { signal }), {
    signal: true,
    ringing: true,
  }),
  onCall("play for ever", (call, signal) => call.play(prompt, { loops: Number.POSITIVE_INFINITY, signal }), {
    signal: true,
  }),
  onCall("play a list", (call, signal) => call.play([prompt, silence(50), spoken.number(17)], { signal }), {
    signal: true,
  }),
  onCall("play a tone", (call, signal) => call.play(tone("busy", 150), { signal }), { signal: true }),
  onCall("play silence", (call, signal) => call.play(silence(150), { signal }), { signal: true }),
  onCall("play samples", (call, signal) => call.play(samples(new Int16Array(1600)), { signal }), {
    signal: true,
  }),
  onCall("play a stream", (call, signal) => call.play(samples(noise(20)), { signal }), { signal: true }),
  onCall(
    "play with a pause",
    async (call, signal) => {
      const playing = call.play(prompt, { signal });
      setTimeout(() => playing.pause(), 30);
      setTimeout(() => playing.resume(), 90);
      return await playing;
    },
    { signal: true },
  ),
  onCall("say", (call, signal) => call.say("a text", { signal }), { signal: true }),
  onCall("record", (call, signal) => call.record({ maxMs: 200, beep: false, signal }), {
    signal: true,
    kinds: ["recorded"],
  }),
  onCall(
    "record to a file, with a beep",
    (call, signal, rig) =>
      call.record({ maxMs: 200, stereo: true, signal, to: join(rig.folder, `${rig.unique("said")}.wav`) }),
    { signal: true, kinds: ["recorded"] },
  ),
  onCall(
    "audio",
    async (call) => {
      const opened = await call.audio();
      if (opened.kind !== "open") return opened;
      const { audio } = opened;
      void audio.write(new Int16Array(800));
      void audio.mark("mark");
      let frames = 0;
      for await (const _ of audio.frames()) if (++frames >= 8) break;
      await audio.close();
      return await audio.ended;
    },
    { kinds: ["closed", "aborted", "disconnected"] },
  ),
  onCall(
    "utterances",
    async (call) => {
      const opened = await call.audio();
      if (opened.kind !== "open") return opened;
      const listened = await utterances(opened.audio).listen(150);
      await opened.audio.close();
      return listened;
    },
    { kinds: ["ended", "silence"] },
  ),

  onCall("dtmf", async (call) => {
    for await (const key of call.dtmf()) return { kind: `key ${key}` };
    return await call.ended;
  }),
  onCall("gather", (call) => call.gather({ prompt, firstDigitMs: 100 }), { kinds: ["timeout"] }),
  onCall(
    "gather with validate",
    (call) =>
      call.gather({ max: 1, firstDigitMs: 150, retries: 2, prompt: silence(20), validate: () => false }),
    { kinds: ["timeout"] },
  ),
  onCall("menu", (call) => call.menu({ prompt, choices: { 1: "one" }, firstDigitMs: 50, tries: 2 })),
  onCall("sendDtmf", (call) => call.sendDtmf("12#")),

  onCall("hold", (call) => call.hold({ music: prompt }), { kinds: ["held"] }),
  onCall(
    "hold and resume",
    async (call) => {
      await call.hold({ music: prompt });
      return await call.resume();
    },
    { kinds: ["resumed"] },
  ),
  onCall("resume without hold", (call) => call.resume()),
  onCall("unbridge without bridge", (call) => call.unbridge()),
  onCall("bridgeEnd without bridge", (call) => call.bridgeEnd()),
  onCall(
    "dial",
    async (call, signal, rig) => call.dial(await rig.phone(), { signal, limitMs: 150, timeoutMs: 400 }),
    {
      signal: true,
      kinds: ["cancelled", "ended"],
    },
  ),
  onCall(
    "dial in turn",
    async (call, signal, rig) =>
      call.dial([await rig.phone(() => {}), await rig.phone()], {
        signal,
        inTurn: true,
        eachMs: 80,
        limitMs: 100,
      }),
    {
      signal: true,
      kinds: ["cancelled", "ended", "noanswer"],
    },
  ),
  onCall(
    "dial with an announcement",
    async (call, signal, rig) =>
      call.dial(await rig.phone(), { signal, announce: prompt, limitMs: 50, timeoutMs: 400 }),
    {
      signal: true,
      kinds: ["cancelled", "ended"],
    },
  ),
  onCall("dial to nowhere", (call, signal) => call.dial("nowhere", { signal, timeoutMs: 400 }), {
    signal: true,
    kinds: ["cancelled"],
  }),
  onCall(
    "transfer",
    async (call, signal, rig) => call.transfer(await rig.phone(), { signal, timeoutMs: 400 }),
    {
      signal: true,
      kinds: ["transferred", "cancelled"],
    },
  ),
  onCall("transfer at once", async (call, _, rig) => call.transfer(await rig.phone(), { wait: false }), {
    kinds: ["transferred"],
  }),
  onCall("transfer to nowhere", (call) => call.transfer("nowhere", { timeoutMs: 400 })),
  onCall(
    "attendedTransfer",
    async (call, signal, rig) =>
      call.attendedTransfer(await rig.phone(), { signal, announce: silence(50), timeoutMs: 400 }),
    {
      signal: true,
      kinds: ["transferred", "cancelled"],
    },
  ),
  onCall(
    "park",
    async (call) => {
      const parked = await call.park({ timeoutMs: 150, music: prompt });
      return parked.kind === "parked" ? await parked.ended : parked;
    },
    { kinds: ["timeout"] },
  ),
  onCall(
    "park in the engine",
    async (call) => {
      const parked = await call.park({ engine: true, music: "tone/ring" });
      if (parked.kind !== "parked") return parked;
      setTimeout(() => void call.unbridge(), 150);
      return await parked.ended;
    },
    { kinds: ["ended"] },
  ),
  {
    name: "pickup",
    kinds: ["ended", "slot-empty"],
    async prepare(rig) {
      const [one, two] = [await rig.answered(), await rig.answered()];
      const parked = await one.call.park({ slot: rig.unique("slot") });
      return {
        begin: async () => {
          const slot = parked.kind === "parked" ? parked.slot : "";
          return await two.call.pickup(slot, { limitMs: 150 });
        },
        byParty: () => rig.gone(two.caller),
        byApp: () => two.call.hangup("by the app"),
        legs: [one.caller, two.caller],
      };
    },
  },
  onCall("pickup of nobody", (call) => call.pickup("none")),
  {
    name: "bridge",
    kinds: ["ended"],
    async prepare(rig) {
      const [one, two] = [await rig.answered(), await rig.answered()];
      return {
        begin: (signal) => one.call.bridge(two.call, { limitMs: 150, signal }),
        byParty: () => rig.gone(one.caller),
        byApp: () => one.call.hangup("by the app"),
        legs: [one.caller, two.caller],
      };
    },
    signal: true,
  },
  {
    name: "barge",
    kinds: ["ended"],
    signal: true,
    async prepare(rig) {
      const [one, two, three] = [await rig.answered(), await rig.called(), await rig.answered()];
      const bridged = one.call.bridge(two.call);
      while (!one.call.peer) await new Promise((resolve) => setTimeout(resolve, 5));
      return {
        async begin(signal) {
          setTimeout(() => void three.call.unbridge(), 150);
          const outcome = await three.call.barge(one.call, { signal });
          await one.call.unbridge();
          await bridged;
          return outcome;
        },
        byParty: () => rig.gone(three.caller),
        byApp: () => three.call.hangup("by the app"),
        legs: [one.caller, two.phone, three.caller],
      };
    },
  },
  inBridge("unbridge", (one) => one.unbridge(), { kinds: ["done", "failed"] }),
  inBridge(
    "bridgeEnd",
    (one) => {
      setTimeout(() => void one.unbridge(), 150);
      return one.bridgeEnd();
    },
    { kinds: ["ended", "failed"] },
  ),
  inBridge("hold", (one) => one.hold({ music: prompt }), { kinds: ["held"] }),
  inBridge(
    "resume",
    async (one) => {
      await one.hold({ music: prompt });
      return await one.resume();
    },
    { kinds: ["resumed", "failed"] },
  ),
  inBridge("whisper", (one) => one.whisper(prompt)),
  inBridge(
    "transfer",
    async (one, _, signal, rig) => one.transfer(await rig.phone(), { signal, timeoutMs: 400 }),
    {
      signal: true,
      kinds: ["transferred", "cancelled"],
    },
  ),
  inBridge(
    "attendedTransfer",
    async (one, _, signal, rig) => {
      const transfer = one.attendedTransfer(await rig.phone(), { signal, timeoutMs: 400 });
      setTimeout(() => transfer.complete(), 100);
      return await transfer;
    },
    { signal: true, kinds: ["transferred", "cancelled"] },
  ),
  inBridge(
    "park",
    async (one) => {
      const parked = await one.park({ timeoutMs: 100 });
      return parked.kind === "parked" ? await parked.ended : parked;
    },
    { kinds: ["timeout"] },
  ),

  onCall(
    "join",
    (call, signal, rig) => {
      const joined = call.join(rig.room(), { signal, announce: prompt });
      setTimeout(() => void joined.leave(), 150);
      return joined;
    },
    { signal: true, kinds: ["left"] },
  ),
  onCall(
    "work of a room",
    async (call, _, rig) => {
      const room = rig.room();
      const joined = call.join(room);
      const ended = [
        await room.mute(call),
        await room.unmute(call),
        await room.lock(),
        room.unlock(),
        await room.record(join(rig.folder, `${rig.unique("room")}.wav`)),
        await room.announce(silence(30)),
        await room.stopRecording(),
        await room.kick(call),
        await room.close(),
      ];
      return ended.length > 0 ? await joined : joined;
    },
    { kinds: ["left"] },
  ),
  onCall(
    "enqueue",
    (call, _, rig) => {
      const queue = rig.app.queue(rig.unique("queue"), { music: prompt, maxWaitMs: 200 });
      return call.enqueue(queue);
    },
    { kinds: ["timeout"] },
  ),
  onCall(
    "enqueue with an agent",
    async (call, _, rig) => {
      const queue = rig.app.queue(rig.unique("queue"), {
        music: prompt,
        ringMs: 300,
        maxWaitMs: 500,
        backOffMs: 0,
        wrapUpMs: 0,
      });
      const id = await rig.phone();
      await queue.agents.add({ id });
      setTimeout(() => void call.unbridge(), 250);
      const outcome = await call.enqueue(queue);
      await queue.agents.remove(id);
      return outcome;
    },
    { kinds: ["timeout", "served"] },
  ),
  onCall(
    "agents.login",
    async (call, _, rig) => {
      const queue = rig.app.queue(rig.unique("queue"));
      const outcome = await queue.agents.login(call);
      await queue.agents.remove(call.from);
      return outcome;
    },
    { kinds: ["done"] },
  ),
  onCall(
    "ringGroup",
    async (call, signal, rig) => {
      const members = [await rig.phone(() => {}), await rig.phone()];
      return await ringGroup({ members, ringMs: 100, strategy: "memory-hunt" }).dial(call, {
        signal,
        limitMs: 100,
      });
    },
    { signal: true, kinds: ["ended", "cancelled", "noanswer"] },
  ),
  onCall(
    "recordCall",
    (call, signal, rig) => {
      const recording = call.recordCall({
        to: join(rig.folder, `${rig.unique("call")}.wav`),
        stereo: true,
        signal,
      });
      setTimeout(() => void recording.stop(), 150);
      return recording;
    },
    { signal: true, kinds: [...unheard] },
  ),
  onCall(
    "voicemail.leave",
    (call, _, rig) =>
      voicemail({ folder: join(rig.folder, "mail"), greeting: silence(50), maxMs: 200, minMs: 50 })
        .mailbox(rig.unique("box"))
        .leave(call),
    { kinds: ["left", "empty"] },
  ),
  onCall(
    "voicemail.listen",
    (call, _, rig) =>
      voicemail({ folder: join(rig.folder, "mail") })
        .mailbox(rig.unique("box"))
        .listen(call, { pin: "1", tries: 1 }),
    { kinds: ["refused", "done"] },
  ),

  outgoing("yate.call", (rig, number, signal) => rig.app.call(number, { signal, timeoutMs: 300 }), true),
  outgoing(
    "yate.call without an answer",
    (rig, number, signal) => rig.app.call(number, { signal, timeoutMs: 300 }),
    false,
  ),
  outgoing(
    "yate.call to nowhere",
    (rig, _, signal) => rig.app.call("nowhere", { signal, timeoutMs: 300 }),
    false,
  ),
  outgoing(
    "yate.call of two",
    (rig, number, signal) => rig.app.call([number, "nowhere"], { signal, timeoutMs: 300 }),
    true,
  ),
  outgoing(
    "yate.call of two in turn",
    (rig, number, signal) => rig.app.call([number, "nowhere"], { signal, inTurn: true, eachMs: 100 }),
    false,
  ),
  outgoing(
    "yate.callBoth",
    (rig, number, signal) =>
      rig.app.callBoth(number, number, { signal, greeting: text("a text"), limitMs: 100, timeoutMs: 400 }),
    true,
  ),
  outgoing(
    "yate.callBoth without the second",
    (rig, number, signal) =>
      rig.app.callBoth(number, "nowhere", { signal, greeting: silence(50), timeoutMs: 400 }),
    true,
  ),
];
