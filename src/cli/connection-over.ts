import type { Yate } from "../bus/index.ts";

/** Resolves to the cause when a connection is over for good. That it was lost and is back its log tells. */
export function connectionOver(yate: Yate): Promise<unknown> {
  return new Promise((resolve) => {
    yate.onState((state) => {
      if (state.kind === "closed") resolve(state.cause);
    });
  });
}
