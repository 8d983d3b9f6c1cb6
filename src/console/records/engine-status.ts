import type { ChannelEntry, EngineRecord, RegistrationEntry } from "../../trace/index.ts";

/** One line of the reply to `engine.status` (spec/kernel.md §6). */
export interface StatusLine {
  readonly name: string;
  readonly head: ReadonlyMap<string, string>;
  readonly figures: ReadonlyMap<string, string>;
  readonly items: ReadonlyMap<string, string>;
}

/** Reads `name=…,type=…;<figures>;<items>` lines; what is no such line is passed over. */
export function parseStatus(text: string): StatusLine[] {
  const lines: StatusLine[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [head = "", figures = "", ...items] = line.split(";");
    const columns = pairs(head);
    const name = columns.get("name");
    if (name) lines.push({ name, head: columns, figures: pairs(figures), items: pairs(items.join(";")) });
  }
  return lines;
}

/** A value may have commas: what has no `=` of its own belongs to the value before. */
function pairs(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let last: string | undefined;
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    if (at > 0) {
      last = part.slice(0, at);
      found.set(last, part.slice(at + 1));
    } else if (last !== undefined && part !== "") found.set(last, `${found.get(last)},${part}`);
  }
  return found;
}

/** What the lines tell of an engine; `known` fills in what they do not tell of a channel. */
export function engineOf(
  lines: readonly StatusLine[],
  known: { readonly nowMs: number; readonly sinceMs: (channel: string) => number },
): Pick<
  EngineRecord,
  | "version"
  | "nodeName"
  | "queued"
  | "maxQueued"
  | "running"
  | "dispatched"
  | "dropped"
  | "handlers"
  | "modules"
  | "channels"
  | "registrations"
  | "lateTicks"
> {
  const engine = lines.find((line) => line.name === "engine");
  const figure = (name: string): number => Number(engine?.figures.get(name) ?? 0) || 0;
  return {
    version: engine?.head.get("version") ?? "",
    nodeName: engine?.head.get("nodename") ?? "",
    queued: figure("messages"),
    maxQueued: figure("maxqueue"),
    running: 0,
    dispatched: figure("dispatched"),
    dropped: figure("dropped"),
    handlers: figure("handlers"),
    lateTicks: engine?.figures.has("lateticks") ? figure("lateticks") : undefined,
    modules: lines.map((line) => line.name).filter((name) => name !== "engine"),
    channels: channelsOf(lines, known),
    registrations: registrationsOf(lines),
  };
}

function channelsOf(
  lines: readonly StatusLine[],
  { nowMs, sinceMs }: { readonly nowMs: number; readonly sinceMs: (channel: string) => number },
): ChannelEntry[] {
  // `format=Status|Caller|Called|BillId|Duration`
  const bills = lines.find((line) => line.name === "cdrbuild")?.items;
  const channels: ChannelEntry[] = [];
  for (const { name, items } of lines) {
    for (const [id, columns] of items) {
      // RTP sessions are listed as channels are, by `<session>=<channel>` (spec/rtp.md), and are none.
      if (!id.startsWith(`${name}/`) || name === "yrtp") continue;
      const [status = "", address = "", peer = ""] = columns.split("|");
      const [, , , billId = "", duration = ""] = bills?.get(id)?.split("|") ?? [];
      const seconds = Number(duration);
      channels.push({
        id,
        status,
        direction: "",
        peer,
        address,
        billId,
        sinceMs: bills?.has(id) && Number.isFinite(seconds) ? nowMs - seconds * 1000 : sinceMs(id),
      });
    }
  }
  return channels;
}

function registrationsOf(lines: readonly StatusLine[]): RegistrationEntry[] {
  const found: RegistrationEntry[] = [];
  for (const { name, items } of lines) {
    if (name !== "regfile" && name !== "accfile") continue;
    for (const [who, where] of items)
      found.push({ kind: name === "regfile" ? "phone" : "line", name: who, where, status: "" });
  }
  return found;
}

/** Who is connected, out of the reply to `external info`: `1. tcp 127.0.0.1:48984` and a line of what it is. */
export function parseConnections(
  text: string,
): readonly { readonly name: string; readonly remote: string }[] {
  return [...text.matchAll(/^\s*(\d+)\.\s+(\S+)\s*([^\r\n\t]*)/gm)].map(
    ([, number, name = "", remote = ""]) => ({
      name: `${name}#${number}`,
      remote: remote.trim(),
    }),
  );
}
