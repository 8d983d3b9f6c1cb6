import type { EngineFacts } from "../../../src/console/protocol.ts";
import type { LadderLane, LadderModel } from "../../../src/trace/ladder/index.ts";

/**
 * What an empty lane says: that nothing was there, or that nobody tells.
 * @param appMayTell the call is so young that an app may have it of which nothing has come yet
 */
export function laneNotices(
  model: LadderModel,
  kind: EngineFacts["kind"] | "file",
  appMayTell = false,
): Partial<Record<LadderLane, string>> {
  const used = new Set(model.items.map(({ lane }) => lane));
  const told = model.records.some(({ record }) => record.kind === "message" && record.tookMs !== undefined);
  const notices: Partial<Record<LadderLane, string>> = {};
  if (!used.has("wire"))
    notices.wire =
      kind === "embedded" || (kind === "file" && told)
        ? "Nothing on the wire: this call came neither by SIP nor RTP."
        : "This engine does not show its wire: a YATE tells external modules of messages only, not of SIP and RTP.";
  if (!used.has("engine")) notices.engine = "No message of this call was seen.";
  // An app's records come a little after those of the engine.
  if (!used.has("app") && !appMayTell)
    notices.app = "No traced app had this call. Apps started with yayts dev or yayts run tell what they do.";
  return notices;
}

/** What this engine leaves out of its messages, in one sentence; undefined when it tells all. */
export function untold(model: LadderModel): string | undefined {
  const messages = model.records.flatMap(({ record }) => (record.kind === "message" ? [record] : []));
  if (messages.length === 0 || messages.some(({ tookMs }) => tookMs !== undefined)) return undefined;
  return messages.some(({ steps }) => steps.length > 0)
    ? "This engine does not tell how long messages took, and who handled them only for some."
    : "This engine tells neither who handled a message nor how long it took; bars and arrows of messages are left out.";
}
