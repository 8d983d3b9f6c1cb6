import type { JournalSound, Pairs, SourcedRecord, TraceRecord, TraceSource } from "../../src/trace/index.ts";

/** A record without what a story gives it. `Omit` over each member of the union, not over what they have in common. */
type Told = TraceRecord extends infer R ? (R extends TraceRecord ? Omit<R, "seq" | "atMs"> : never) : never;

/** Writes records down in the order of what happens, for looking at the page without an engine. */
export class Story {
  readonly records: SourcedRecord[] = [];
  readonly sound: JournalSound[] = [];
  readonly startMs: number;
  atMs: number;
  #seq = 0;
  #id = 0;

  constructor(startMs: number = Date.UTC(2026, 4, 12, 9, 41, 7, 250)) {
    this.startMs = startMs;
    this.atMs = startMs;
  }

  pass(ms: number): this {
    this.atMs += ms;
    return this;
  }

  tell(kind: TraceSource["kind"], told: Told): this {
    const source: TraceSource = { kind, name: kind === "app" ? "helpdesk.ts 4711" : kind };
    const record = { ...told, seq: ++this.#seq, atMs: this.atMs } as TraceRecord;
    this.records.push({ source, record });
    return this;
  }

  sip(direction: "in" | "out", remote: string, line: string, cseq: string, sdp = ""): this {
    const [first = ""] = line.split(" ");
    const status = first.startsWith("SIP/") ? Number(line.split(" ")[1]) : undefined;
    const callId = `call-${remote}`;
    const head = [
      line,
      `Via: SIP/2.0/UDP ${remote};branch=z9hG4bK-${this.#seq};rport`,
      "From: <sip:+48123456789@10.20.0.14>;tag=a1b2c3",
      "To: <sip:helpdesk@192.0.2.10>",
      `Call-ID: ${callId}`,
      `CSeq: 1 ${cseq}`,
      "User-Agent: a phone",
      ...(sdp ? ["Content-Type: application/sdp"] : []),
      `Content-Length: ${sdp.length}`,
    ];
    return this.tell("engine", {
      kind: "sip",
      direction,
      transport: "udp",
      local: "192.0.2.10:5060",
      remote,
      callId,
      channel: "sip/1",
      method: cseq,
      status,
      line,
      text: `${head.join("\r\n")}\r\n\r\n${sdp}`,
      again: false,
    });
  }

  message(
    name: string,
    params: Pairs,
    by: string,
    tookMs: number,
    more: { sender?: string; retvalue?: string; failed?: string } = {},
  ): this {
    const { sender = "", retvalue = "", failed } = more;
    const before = params.filter(([key]) => key !== "maxcall");
    return this.tell("engine", {
      kind: "message",
      name,
      sender,
      handled: by !== "",
      retvalue,
      params,
      before: before.length < params.length ? before : undefined,
      steps: [
        { name: "cdrbuild", priority: 50, afterMs: 0.01, tookMs: 0.03, handled: false, changes: [] },
        ...(before.length < params.length
          ? [
              {
                name: "regexroute",
                priority: 80,
                afterMs: 0.06,
                tookMs: 0.2,
                handled: false,
                changes: [{ name: "maxcall", to: "30000" }],
              },
            ]
          : []),
        ...(failed === undefined
          ? []
          : [{ name: "register", priority: 90, afterMs: 0.3, tookMs: 1, changes: [], failed }]),
        ...(by === ""
          ? []
          : [
              {
                name: by,
                priority: 100,
                afterMs: 0.4,
                tookMs: tookMs - 0.4,
                handled: true,
                changes: [],
                retvalue,
              },
            ]),
      ],
      next: by === "" ? [] : [{ name: "regfile", priority: 110 }],
      tookMs,
      queuedMs: sender === "" ? 0.2 : undefined,
    });
  }

  /** @returns what ends it */
  operation(
    what: string,
    detail: string,
    line: number,
    text: string,
  ): (outcome: string, result?: string) => void {
    const id = ++this.#id;
    const base = { kind: "operation", id, what, channel: "sip/1", leg: "dumb/1" } as const;
    const place = { file: "/home/me/apps/helpdesk.ts", line, column: 22, text, within: "helpdesk" };
    this.tell("app", { ...base, phase: "begin", detail, place });
    const wait = { kind: "wait", id: id + 1000, what: "onmsg", name: "chan.notify" } as const;
    if (what !== "call") this.tell("app", { ...wait, phase: "begin", guard: "id=dumb/1", operation: id });
    return (outcome, result) => {
      if (what !== "call") this.tell("app", { ...wait, phase: "end", outcome: "message" });
      this.tell("app", { ...base, phase: "end", outcome, result });
    };
  }
}
