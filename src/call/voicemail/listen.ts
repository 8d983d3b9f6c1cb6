import { rm } from "node:fs/promises";
import type { Call } from "../call.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import type { Playable } from "../sound/playable.ts";
import { spoken } from "../sound/spoken.ts";
import { diskError } from "./mailbox-folder.ts";
import { privateSound } from "./private-sound.ts";
import type { VoiceMessage } from "./voice-message.ts";
import type { MailboxParts } from "./voicemail.ts";

/** Who may listen. */
export interface ListenOptions {
  /** Asked for first. Default: none is. */
  readonly pin?: string | undefined;
  /** How often it may be typed. Default 3. */
  readonly tries?: number | undefined;
}

/** How listening ended. */
export type ListenOutcome =
  /** The owner has left the menu, or pressed nothing for a while. */
  | { readonly kind: "done"; readonly played: number; readonly saved: number; readonly deleted: number }
  /** The PIN was wrong as often as it may be, or not typed. */
  | { readonly kind: "refused" }
  | HangUp
  | Failed;

interface Session {
  readonly call: Call;
  readonly parts: MailboxParts;
  played: number;
  saved: number;
  deleted: number;
}

/** How a part of the menu ended; undefined when the one above goes on. */
type Ended = HangUp | Failed | { readonly kind: "left" } | undefined;

export async function listen(
  call: Call,
  parts: MailboxParts,
  { pin, tries = 3 }: ListenOptions,
): Promise<ListenOutcome> {
  const answered = await call.answer();
  if (answered.kind === "hangup") return answered;
  if (pin !== undefined) {
    const typed = await call.gather({
      prompt: "voicemail/enter-pin",
      max: pin.length,
      retries: tries - 1,
      invalidPrompt: "invalid",
      validate: (digits) => digits === pin,
    });
    if (typed.kind === "hangup" || typed.kind === "failed") return typed;
    if (typed.kind !== "digits") return { kind: "refused" };
  }
  const session: Session = { call, parts, played: 0, saved: 0, deleted: 0 };
  try {
    const ended = await mainMenu(session);
    if (ended?.kind === "hangup" || ended?.kind === "failed") return ended;
    const { played, saved, deleted } = session;
    return { kind: "done", played, saved, deleted };
  } catch (error) {
    const cause = diskError(`the mailbox ${parts.name}`, error);
    call.yate.log.error(cause.message);
    return (await tell(call, "voicemail/sorry")) ?? { kind: "failed", error: cause };
  }
}

async function mainMenu(session: Session): Promise<Ended> {
  const { call, parts } = session;
  for (;;) {
    const { unread, read } = await parts.folder.counts();
    const chosen = await call.menu({
      prompt: [
        "voicemail/new",
        spoken.number(unread),
        "voicemail/saved",
        spoken.number(read),
        "voicemail/main",
      ],
      invalidPrompt: "invalid",
      choices: { 1: "messages", 2: "greeting" },
      back: true,
    });
    if (chosen.kind === "hangup" || chosen.kind === "failed") return chosen;
    if (chosen.kind !== "choice") return { kind: "left" };
    const ended = chosen.choice === "messages" ? await hearMessages(session) : await greetingMenu(session);
    if (ended) return ended;
  }
}

/** New ones first, then those that were saved, each the oldest first. */
async function hearMessages(session: Session): Promise<Ended> {
  const all = await session.parts.folder.messages();
  const inOrder = [...all.filter(({ read }) => !read), ...all.filter(({ read }) => read)];
  for (const [at, message] of inOrder.entries()) {
    const outcome = await hearMessage(session, message, at + 1);
    if (outcome === "back") return undefined;
    if (outcome !== "next") return outcome;
  }
  return tell(session.call, "voicemail/no-more");
}

async function hearMessage(
  session: Session,
  message: VoiceMessage,
  number: number,
): Promise<Ended | "next" | "back"> {
  const { call, parts } = session;
  const { folder } = parts;
  const sound = await privateSound(message.file);
  let next: Playable = ["voicemail/message", spoken.number(number), sound];
  session.played++;
  for (;;) {
    const heard = await call.play(next, { bargeIn: true });
    if (heard.kind === "hangup") return heard;
    // One whose sound is gone can still be deleted.
    if (heard.kind === "failed") call.yate.log.warn(heard.error.message);
    const chosen = await call.menu({
      prompt: "voicemail/choices",
      invalidPrompt: "invalid",
      choices: { 1: "repeat", 2: "save", 3: "delete", 4: "who", 5: "next" },
      back: true,
    });
    if (chosen.kind === "hangup" || chosen.kind === "failed") return chosen;
    if (chosen.kind === "back") return "back";
    if (chosen.kind !== "choice") return { kind: "left" };
    switch (chosen.choice) {
      case "repeat":
        next = sound;
        break;
      case "who":
        next = envelope(message, parts.settings.timeZone);
        break;
      case "save":
        if (await folder.mark(message.id, true)) await parts.changed();
        session.saved++;
        return (await tell(call, "voicemail/message-saved")) ?? "next";
      case "delete":
        if (await folder.remove(message.id)) await parts.changed();
        session.deleted++;
        return (await tell(call, "voicemail/deleted")) ?? "next";
      case "next":
        return "next";
    }
  }
}

/** Who called and when. A number that is none is left out. */
function envelope({ from, at }: VoiceMessage, timeZone: string | undefined): Playable {
  const number = /^\+?[0-9*#]{1,32}$/.test(from) ? ["voicemail/from", spoken.digits(from)] : [];
  return [...number, spoken.date(at, timeZone), spoken.time(at, timeZone)];
}

async function greetingMenu(session: Session): Promise<Ended> {
  const { call, parts } = session;
  const { folder, settings } = parts;
  for (;;) {
    const told = await tell(call, "voicemail/record-greeting");
    if (told) return told;
    const { file } = await folder.incoming(new Date());
    try {
      const { maxMs, silenceMs, finishOn } = settings;
      const end = await call.record({ to: file, maxMs, silenceMs, finishOn });
      if (end.kind === "failed") throw end.error;
      if (end.kind === "hangup") return end;
      if (end.spoken) {
        const heard = await call.play(await privateSound(file), { bargeIn: true });
        if (heard.kind === "hangup") return heard;
      }
      const chosen = await call.menu({
        prompt: "voicemail/greeting-choices",
        invalidPrompt: "invalid",
        choices: { ...(end.spoken ? { 1: "keep" } : {}), 2: "again", 3: "standard" },
        back: true,
      });
      if (chosen.kind === "hangup" || chosen.kind === "failed") return chosen;
      if (chosen.kind === "choice" && chosen.choice === "again") continue;
      if (chosen.kind !== "choice") return undefined;
      await folder.setGreeting(chosen.choice === "keep" ? file : undefined);
      return await tell(call, "voicemail/message-saved");
    } finally {
      await rm(file, { force: true }).catch(() => {});
    }
  }
}

/** A prompt that keys cut short; undefined when the menu goes on. */
async function tell(call: Call, what: Playable): Promise<HangUp | undefined> {
  const end = await call.play(what, { bargeIn: true });
  return end.kind === "hangup" ? end : undefined;
}
