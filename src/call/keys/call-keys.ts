import type { CallCore } from "../call-core.ts";

/** What the party types. */
export interface CallKeys {
  /**
   * Every key as it is pressed, for a `for await` loop; what was typed before it and not read comes first. The loop ends with
   * the call. While a question (`gather`, `menu`) is open, its keys are not seen here.
   */
  dtmf(): AsyncIterableIterator<string>;
}

export function callKeys(core: CallCore): CallKeys {
  return {
    async *dtmf() {
      using reader = core.keys.open();
      for (;;) {
        const typed = await reader.next();
        if (!typed) return;
        yield typed.key;
      }
    },
  };
}
