/**
 * conference: rooms of the engine where several calls hear each other. Part of layer call; works on every engine.
 */
export type { AnnounceOptions } from "./announce.ts";
export { type Conference, type ConferenceOptions, createConference } from "./conference.ts";
export type { ConferenceEvent, ConferenceMember } from "./events.ts";
export { type CallConference, callConference, type JoinEnd, type Joined, type JoinOptions } from "./join.ts";
export type { ConferenceRecording } from "./room-recording.ts";
