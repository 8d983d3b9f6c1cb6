import { rm } from "node:fs/promises";
import type { Call } from "../call.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import { diskError } from "./mailbox-folder.ts";
import type { VoiceMessage } from "./voice-message.ts";
import type { MailboxParts } from "./voicemail.ts";

/** What became of taking a message. */
export type LeaveOutcome =
  /** It is in the mailbox; who hung up while speaking has left one, too. */
  | { readonly kind: "left"; readonly message: VoiceMessage }
  /** The caller said nothing, or too little. */
  | { readonly kind: "empty" }
  /** The mailbox has as many messages as it may; the caller was told. */
  | { readonly kind: "full" }
  /** The caller hung up before a message was spoken. */
  | HangUp
  /** It could not be kept, as for a full disk; the caller was told. */
  | Failed;

export async function leaveMessage(call: Call, parts: MailboxParts): Promise<LeaveOutcome> {
  const answered = await call.answer();
  if (answered.kind === "hangup") return answered;
  let recording: string | undefined;
  try {
    const { folder, settings } = parts;
    if ((await folder.messages()).length >= settings.maxMessages) {
      const told = await call.play("voicemail/full");
      return told.kind === "hangup" ? told : { kind: "full" };
    }
    const greeting = (await folder.greeting()) ?? settings.greeting;
    const greeted = await call.play(greeting, { bargeIn: settings.finishOn });
    if (greeted.kind === "hangup") return greeted;
    // The key that cut the greeting short is no end of the message.
    if (greeted.kind === "key") call.flushKeys();
    if (greeted.kind === "failed")
      call.yate.log.warn(`the greeting of ${parts.name}: ${greeted.error.message}`);
    const at = new Date();
    const incoming = await folder.incoming(at);
    recording = incoming.file;
    const { maxMs, silenceMs, finishOn } = settings;
    const end = await call.record({ to: recording, maxMs, silenceMs, finishOn });
    if (end.kind === "failed") return await apologize(call, end);
    if (end.kind === "hangup") return end;
    if (!end.spoken || end.durationMs < settings.minMs) {
      const hangUp = end.by === "hangup" ? await call.ended : undefined;
      return hangUp ?? { kind: "empty" };
    }
    const { from, fromName } = call;
    const note = { id: incoming.id, from, fromName, at, durationMs: Math.round(end.durationMs), read: false };
    const message = await folder.keep(note, recording);
    recording = undefined;
    await parts.changed();
    return { kind: "left", message };
  } catch (error) {
    const cause = diskError(`a message for ${parts.name} could not be kept`, error);
    return await apologize(call, { kind: "failed", error: cause });
  } finally {
    if (recording !== undefined) await rm(recording, { force: true }).catch(() => {});
  }
}

/** A failure is told to the caller, who would wait for an answer. */
async function apologize(call: Call, failure: Failed): Promise<HangUp | Failed> {
  call.yate.log.error(failure.error.message);
  const told = await call.play("voicemail/sorry");
  return told.kind === "hangup" ? told : failure;
}
