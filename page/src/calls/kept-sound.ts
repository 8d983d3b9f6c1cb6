import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CallView } from "../../../src/console/protocol.ts";
import type { JournalSound } from "../../../src/trace/journal.ts";
import { connection } from "../console.ts";
import { type CallSound, readSound } from "../ladder/call-sound.ts";

/** Sound of a live call is asked for anew so often. */
const againMs = 3000;

/** The kept sound of a channel of a call: of a file, or of the server. */
export function useSound(
  call: CallView | undefined,
  channel: string,
  ofFile: readonly JournalSound[] | undefined,
): Signal<CallSound | undefined> {
  const sound = useSignal<CallSound | undefined>(undefined);
  const live = call !== undefined && call.state !== "ended" && !ofFile;
  const has = call?.hasSound ?? false;
  useEffect(() => {
    sound.value = undefined;
    if (!call || !has) return;
    if (ofFile) {
      const found = ofFile.find((one) => one.channel === channel);
      sound.value = found && readSound(found);
      return;
    }
    let over = false;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const kept = await connection.ask("sound.get", { call: call.id, channel });
        if (!over) sound.value = readSound(kept);
      } catch {
        // A channel of which nothing was kept.
      }
      if (!over && live) soon = setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(soon);
    };
  }, [call?.id, channel, has, live, ofFile]);
  return sound;
}
