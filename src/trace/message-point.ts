import { finalName } from "./message-words.ts";
import type { MessageRecord } from "./records.ts";

/** What a message says, at one glance. */
export interface MessagePoint {
  /** Its name; of `chan.masquerade` the message that it stands for. */
  readonly name: string;
  /** What matters of its parameters: a key, a sound, who calls whom, a reason. "" when nothing does. */
  readonly text: string;
  /** An app sent it in the name of a channel (`chan.masquerade`, spec/calls.md). */
  readonly masquerade: boolean;
}

type Value = (name: string) => string;

/** The point of a message, by its name and its parameters: those of the beginning first, since handlers take theirs away. */
export function messagePoint(record: MessageRecord): MessagePoint {
  const value: Value = (name) => firstOf(record, name);
  const masquerade = record.name === "chan.masquerade";
  // A YATE does not tell its steps, but leaves the parameter that asks for the name.
  const last = finalName(record);
  const name = masquerade && last === record.name ? value("message") || last : last;
  return { name, text: (points[name] ?? otherPoint)(value, record), masquerade };
}

function firstOf({ before = [], params }: MessageRecord, name: string): string {
  for (const list of [before, params]) for (const [key, value] of list) if (key === name) return value;
  return "";
}

const join = (...parts: readonly string[]): string => parts.filter(Boolean).join(" ");
const arrow = (from: string, to: string): string => (from && to ? `${from} → ${to}` : from || to);

const whoAndWhy = (value: Value): string => join(value("id"), value("reason") || value("error"));

/** A channel's sound, in and out: what it hears is said first. */
function attachPoint(value: Value): string {
  const [source, consumer] = [shortSound(value("source")), shortSound(value("consumer"))];
  const heard = source || shortSound(value("override") || value("replace"));
  if (heard === consumer) return heard === "-" ? "nothing" : heard;
  return join(heard === "-" ? "silence" : heard, consumer && `→ ${consumer}`);
}

/** `wave/play/…/digits/pl/4` of a path. */
export function shortSound(name: string): string {
  const [driver, way, ...path] = name.split("/");
  const parts = path.filter((part) => part !== "" && part !== ".");
  if (driver !== "wave" || parts.length === 0) return name;
  const file = parts.join("/").replace(/\.[A-Za-z0-9]{1,5}$/, "");
  const short = file.split("/");
  return `${driver}/${way}/${short.length > 3 ? `…/${short.slice(-3).join("/")}` : file}`;
}

/** Who calls whom; a driver alone is no target. */
function executePoint(value: Value): string {
  const to = value("callto");
  const whom = /\/.+/.test(to) ? to : value("called") || value("target") || to;
  return arrow(value("caller"), whom);
}

const rtpPoint = (value: Value): string =>
  join(value("format"), value("remoteip") && `${value("remoteip")}:${value("remoteport")}`);

const points: Readonly<Record<string, (value: Value, record: MessageRecord) => string>> = {
  "call.preroute": (value) => arrow(value("caller"), value("called")),
  "call.route": (value, { handled, retvalue }) =>
    handled && retvalue
      ? arrow(value("called"), retvalue)
      : arrow(value("caller"), value("called")) + (value("error") && `: ${value("error")}`),
  "call.execute": executePoint,
  "call.cdr": (value) => join(value("operation"), value("chan")),
  "call.drop": whoAndWhy,
  "call.conference": (value) => join(value("id"), value("room")),
  "chan.attach": attachPoint,
  "chan.record": attachPoint,
  "chan.dtmf": (value) => value("text"),
  "chan.rtp": (value) => rtpPoint(value) || (value("terminate") ? "terminate" : value("id")),
  "chan.text": (value) => value("text"),
  "chan.notify": (value) => join(value("reason"), value("targetid") || value("id")),
  "chan.connected": (value) => arrow(value("id"), value("peerid")),
  "chan.locate": whoAndWhy,
  "user.auth": (value) => value("username"),
  "user.register": (value) => value("username"),
  "user.unregister": (value) => value("username"),
  "msg.execute": executePoint,
  "engine.command": (value) => value("line"),
};

const otherPoint = (value: Value): string =>
  join(value("id"), value("reason") || value("operation") || value("error"));

/** The engine tells of these whether or not somebody cares. */
const notices =
  /^(?:call\.cdr|chan\.(?:startup|connected|disconnected|notify)|(?:engine|module|monitor|resource)\..*|user\.(?:notify|roster|update)|sip\.(?:options|notify))$/;

/** Whether a message was for nobody in particular, was handled by nobody and says nothing that others do not: a ladder folds such. */
export function isQuietMessage(record: MessageRecord): boolean {
  if (record.handled || record.steps.some(({ failed }) => failed !== undefined)) return false;
  const { name } = messagePoint(record);
  if (notices.test(name)) return true;
  const value: Value = (param) => firstOf(record, param);
  if (name === "chan.attach") return /^-?$/.test(value("source")) && /^-?$/.test(value("consumer"));
  // A leg that another took the place of before it rang.
  return name === "chan.hangup" && /^(?:outgoing|incoming)$/.test(value("status")) && value("reason") === "";
}
