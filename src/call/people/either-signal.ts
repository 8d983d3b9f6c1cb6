import { onAbort, type Signal } from "../../base/index.ts";

/** A signal that fires with the first of two. */
export function eitherSignal(one: AbortSignal, other: Signal | undefined): AbortSignal {
  if (!other) return one;
  // The platform's own forgets by itself.
  if (other instanceof AbortSignal) return AbortSignal.any([one, other]);
  const either = new AbortController();
  const forget = onAbort(other, (reason) => either.abort(reason));
  onAbort(one, (reason) => {
    forget();
    either.abort(reason);
  });
  return either.signal;
}
