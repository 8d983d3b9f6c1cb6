/**
 * voicemail: messages of callers in a folder, a menu to hear them, and lamps of phones. Part of layer call.
 */
export type { LeaveOutcome } from "./leave-message.ts";
export type { ListenOptions, ListenOutcome } from "./listen.ts";
export { type MessageWaitingOptions, tellPhones } from "./message-waiting.ts";
export type { MessageCounts, VoiceMessage } from "./voice-message.ts";
export {
  type Mailbox,
  type MailboxChange,
  type Voicemail,
  type VoicemailOptions,
  voicemail,
} from "./voicemail.ts";
