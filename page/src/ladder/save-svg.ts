import type { CallView, EngineFacts } from "../../../src/console/protocol.ts";
import { ladderSvg } from "../../../src/trace/ladder/index.ts";
import { callSentence } from "../calls/call-words.ts";
import { laneNotices } from "./ladder-notices.ts";
import type { LadderState } from "./ladder-state.ts";
import { saveFile } from "./save-file.ts";

/** The ladder as a picture, as near as it is on the screen. */
export function saveSvg(call: CallView, state: LadderState, kind: EngineFacts["kind"] | "file"): void {
  const model = state.model.value;
  const svg = ladderSvg(model, {
    title: `${call.from || "unknown"} → ${call.to || "unknown"}`,
    subtitle: callSentence(call),
    zoom: state.zoom,
    all: state.all,
    notices: laneNotices(model, kind),
    sound: state.peaks.value,
  });
  saveFile(`call-${call.from}-${call.to}.svg`, "image/svg+xml", svg);
}
