import { encodeAlaw } from "../../src/media/index.ts";
import type { CallEntry, Journal } from "../../src/trace/index.ts";
import { Story } from "./story.ts";

const caller = "10.20.0.14:5060";
const agent = "10.20.0.31:5062";
const sdp =
  "v=0\r\no=- 1 1 IN IP4 10.20.0.14\r\ns=-\r\nc=IN IP4 10.20.0.14\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

function journal(story: Story, entry: Partial<CallEntry>): Journal {
  const call: CallEntry = {
    id: "1762-1",
    from: "+48123456789",
    to: "helpdesk",
    channels: ["sip/1", "dumb/1", "sip/2"],
    state: "ended",
    startedMs: story.startMs,
    answeredMs: story.startMs + 60,
    endedMs: story.atMs,
    reason: "",
    keys: "",
    messages: story.records.length,
    errors: 0,
    ...entry,
  };
  return { call, records: story.records, cut: false, savedMs: story.atMs, sound: story.sound };
}

/** A caller chooses from a menu and is connected; the line gets worse, a packet is sent again, a handler fails. */
export function helpdesk(): Journal {
  const story = new Story();
  const id = ["id", "sip/1"] as const;
  story.sip("in", caller, "INVITE sip:helpdesk@192.0.2.10 SIP/2.0", "INVITE", sdp);
  story.pass(1).sip("out", caller, "SIP/2.0 100 Trying", "INVITE");
  story.pass(0.4).message("call.preroute", [id, ["caller", "+48123456789"], ["called", "helpdesk"]], "", 0.2);
  story
    .pass(0.3)
    .message(
      "call.route",
      [id, ["caller", "+48123456789"], ["called", "helpdesk"], ["maxcall", "30000"]],
      "helpdesk #1",
      3.4,
      { retvalue: "dumb/" },
    );
  const whole = story
    .pass(4)
    .operation("call", "+48123456789 → helpdesk", 8, 'yate.onCall("helpdesk", async (call) => {');
  story.message("call.execute", [id, ["callto", "dumb/"], ["targetid", "dumb/1"]], "dumb", 0.6, {
    sender: "",
  });
  const answer = story.pass(2).operation("answer", "", 9, "await call.answer();");
  story.pass(1).message(
    "call.answered",
    [
      ["id", "dumb/1"],
      ["targetid", "sip/1"],
    ],
    "sip",
    0.5,
    { sender: "helpdesk #1" },
  );
  story.pass(1).sip("out", caller, "SIP/2.0 200 OK", "INVITE", sdp);
  story.tell("engine", {
    kind: "rtp",
    phase: "open",
    id: "yrtp/1",
    channel: "sip/1",
    local: "192.0.2.10:16400",
    remote: "10.20.0.14:4000",
    format: "alaw",
  });
  answer("answered");
  story.pass(500).sip("out", caller, "SIP/2.0 200 OK", "INVITE", sdp);
  const last = story.records.at(-1);
  if (last?.record.kind === "sip")
    story.records.push({ ...(story.records.pop() as typeof last), record: { ...last.record, again: true } });
  story.pass(22).sip("in", caller, "ACK sip:192.0.2.10 SIP/2.0", "ACK");
  const gather = story
    .pass(4)
    .operation(
      "gather",
      "menu/welcome",
      11,
      'const choice = await call.gather("menu/welcome", { digits: 1 });',
    );
  const play = story
    .pass(1)
    .operation(
      "play",
      "menu/welcome",
      11,
      'const choice = await call.gather("menu/welcome", { digits: 1 });',
    );
  story.pass(1).message(
    "chan.masquerade",
    [
      ["id", "dumb/1"],
      ["message", "chan.attach"],
      ["source", "wave/play/sounds/menu/welcome.wav"],
    ],
    "wavefile",
    0.9,
    { sender: "helpdesk #1" },
  );
  for (let i = 0; i < 4; i++) rtp(story.pass(900), "yrtp/1", "report", (i + 1) * 50, i * 2);
  story.tell("engine", {
    kind: "rtp",
    phase: "key",
    id: "yrtp/1",
    channel: "sip/1",
    local: "192.0.2.10:16400",
    remote: "10.20.0.14:4000",
    format: "alaw",
    key: "2",
    direction: "in",
  });
  story.pass(0.5).message("chan.dtmf", [id, ["text", "2"], ["detected", "rfc2833"]], "helpdesk #1", 0.7);
  play("interrupted");
  gather("digits", "2");
  const bridge = story
    .pass(3)
    .operation("bridge", "agents", 15, 'await call.bridge("agents", { ringMs: 20_000 });');
  story.pass(1).message(
    "call.execute",
    [
      ["id", "dumb/2"],
      ["callto", "sip/sip:31@10.20.0.31:5062"],
    ],
    "sip",
    1.2,
    { sender: "helpdesk #1", failed: "TypeError: user is undefined" },
  );
  story.pass(1).sip("out", agent, "INVITE sip:31@10.20.0.31:5062 SIP/2.0", "INVITE", sdp);
  story.pass(60).sip("in", agent, "SIP/2.0 180 Ringing", "INVITE");
  story.pass(0.4).message("call.ringing", [["id", "sip/2"]], "", 0.1);
  story.pass(3400).sip("in", agent, "SIP/2.0 200 OK", "INVITE", sdp);
  story.pass(0.5).sip("out", agent, "ACK sip:31@10.20.0.31:5062 SIP/2.0", "ACK");
  story.message(
    "call.answered",
    [
      ["id", "sip/2"],
      ["peerid", "dumb/2"],
    ],
    "helpdesk #1",
    1.1,
  );
  story.tell("engine", {
    kind: "rtp",
    phase: "open",
    id: "yrtp/2",
    channel: "sip/2",
    local: "192.0.2.10:16402",
    remote: "10.20.0.31:4100",
    format: "alaw",
  });
  story.pass(1).message(
    "chan.connect",
    [
      ["id", "sip/1"],
      ["peerid", "sip/2"],
    ],
    "sip",
    0.3,
    { sender: "helpdesk #1" },
  );
  for (let i = 0; i < 6; i++) rtp(story.pass(1500), "yrtp/1", "report", 300 + i * 75, 8 + i * i * 3);
  for (let i = 0; i < 7; i++)
    story.pass(120).message(
      "chan.notify",
      [
        ["id", "sip/2"],
        ["event", "quality"],
      ],
      "",
      0.05,
    );
  story.tell("app", {
    kind: "error",
    text: "cannot write the ticket: the database is locked\n",
    stack:
      "Error: cannot write the ticket: the database is locked\n    at save (/home/me/apps/tickets.ts:31:9)\n    at helpdesk (/home/me/apps/helpdesk.ts:18:5)",
    place: { file: "/home/me/apps/tickets.ts", line: 31, column: 9 },
    channel: "sip/1",
  });
  story.pass(800).sip("in", caller, "BYE sip:192.0.2.10 SIP/2.0", "BYE");
  story.pass(0.6).sip("out", caller, "SIP/2.0 200 OK", "BYE");
  story.message("chan.hangup", [id, ["reason", ""]], "", 0.3);
  rtp(story, "yrtp/1", "close", 760, 90);
  bridge("hangup");
  story.pass(1).sip("out", agent, "BYE sip:31@10.20.0.31:5062 SIP/2.0", "BYE");
  story.pass(30).sip("in", agent, "SIP/2.0 200 OK", "BYE");
  story.pass(1).message(
    "call.cdr",
    [
      ["operation", "finalize"],
      ["billid", "1762-1"],
    ],
    "",
    0.4,
  );
  whole("over");
  story.sound.push(voices(story.startMs + 60, story.atMs - story.startMs - 60));
  return journal(story, { keys: "2", errors: 1 });
}

function rtp(story: Story, id: string, phase: "report" | "close", packets: number, lost: number): void {
  story.tell("engine", {
    kind: "rtp",
    phase,
    id,
    channel: "sip/1",
    local: "192.0.2.10:16400",
    remote: "10.20.0.14:4000",
    format: "alaw",
    received: { packets, lost, jitterMs: 2 + lost / 8, mos: Math.max(1, 4.4 - lost / 50) },
    sent: { packets, lost: 0 },
  });
}

/** Two that speak in turns: hums, loud enough to be seen. */
function voices(startMs: number, lengthMs: number): Journal["sound"][number] {
  const count = Math.floor(lengthMs * 8);
  const side = (phase: number): string => {
    const codes = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const t = i / 8000;
      const speaks = Math.max(0, Math.sin(t * 1.4 + phase)) * Math.max(0, Math.sin(t * 9 + phase));
      codes[i] = encodeAlaw(Math.round(9000 * speaks * Math.sin(t * 2 * Math.PI * (160 + phase * 20))));
    }
    return Buffer.from(codes).toString("base64");
  };
  return { channel: "sip/1", startMs, rateHz: 8000, said: side(0), heard: side(Math.PI) };
}

/** Ten thousand records in five minutes, in bursts. */
export function long(): Journal {
  const story = new Story();
  for (let burst = 0; burst < 500; burst++) {
    story.pass(550);
    for (let i = 0; i < 9; i++) {
      story.pass(0.4).message(
        `chan.event${i % 4}`,
        [
          ["id", "sip/1"],
          ["n", String(burst)],
        ],
        i % 2 ? "tonegen" : "",
        0.3 + i,
      );
    }
    const done = story
      .pass(1)
      .operation("play", `digits/${burst % 10}`, 20 + (burst % 7), "await call.play(key);");
    story.pass(2).sip("in", caller, "INFO sip:192.0.2.10 SIP/2.0", "INFO");
    story.pass(1).sip("out", caller, "SIP/2.0 200 OK", "INFO");
    story.message(
      "chan.dtmf",
      [
        ["id", "sip/1"],
        ["text", String(burst % 10)],
      ],
      "helpdesk #1",
      0.4,
    );
    for (let i = 0; i < 3; i++) story.pass(0.2).message("user.notify", [["id", "sip/1"]], "", 0.1);
    done("completed");
  }
  return journal(story, { id: "1762-2", to: "long", keys: "0123456789" });
}

/** As an external module of a real YATE sees a call: messages, and not who handled them. */
export function yate(): Journal {
  const { call, ...rest } = helpdesk();
  const records = rest.records.flatMap(({ source, record }) =>
    record.kind === "message"
      ? [
          {
            source,
            record: {
              ...record,
              steps: [],
              next: [],
              tookMs: undefined,
              queuedMs: undefined,
              before: undefined,
              sender: "",
            },
          },
        ]
      : [],
  );
  return { ...rest, records, sound: [], call: { ...call, id: "1762-3", to: "yate" } };
}
