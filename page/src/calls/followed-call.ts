import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CallView } from "../../../src/console/protocol.ts";
import type { SourcedRecord } from "../../../src/trace/index.ts";
import { recordKey } from "../../../src/trace/ladder/index.ts";
import { connection } from "../console.ts";

export interface FollowedCall {
  readonly call: CallView | undefined;
  readonly records: readonly SourcedRecord[];
  /** The oldest are missing. */
  readonly cut: boolean;
  /** Why there is nothing. */
  readonly problem: string | undefined;
  readonly asked: boolean;
}

const nothing: FollowedCall = { call: undefined, records: [], cut: false, problem: undefined, asked: false };

/** Everything about one call of the server, and what comes as it comes. */
export function useCall(id: string | undefined): Signal<FollowedCall> {
  const followed = useSignal<FollowedCall>(nothing);
  const state = connection.state.value;
  useEffect(() => {
    followed.value = nothing;
    if (id === undefined || state !== "open") return;
    const seen = new Set<string>();
    let waiting: SourcedRecord[] = [];
    let frame: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    // Batches come up to 20 times a second; a ladder of thousands of records is made anew at most 10 times.
    const show = (): void => {
      frame = undefined;
      const records = [...followed.value.records, ...waiting];
      waiting = [];
      followed.value = { ...followed.value, records };
    };
    const take = (records: readonly SourcedRecord[]): void => {
      for (const record of records) {
        const key = recordKey(record);
        if (seen.has(key)) continue;
        seen.add(key);
        waiting.push(record);
      }
      if (waiting.length > 0) frame ??= setTimeout(show, followed.value.records.length === 0 ? 0 : 100);
    };
    const stop = connection.on("call", (told) => {
      if (told.call === id) take(told.records);
    });
    const unfollow = connection.follow({ topic: "call", call: id });
    connection.ask("call.records", { call: id }).then(
      ({ call, records, cut }) => {
        if (over) return;
        followed.value = { ...followed.value, call, cut, asked: true };
        take(records);
      },
      (error: unknown) => {
        if (!over)
          followed.value = {
            ...followed.value,
            asked: true,
            problem: error instanceof Error ? error.message : String(error),
          };
      },
    );
    return () => {
      over = true;
      clearTimeout(frame);
      stop();
      unfollow();
    };
  }, [id, state]);
  return followed;
}
