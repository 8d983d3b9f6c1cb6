/** States of a channel's life (spec/calls.md §1), but for `rejected`, which tells how it ended. */
const states: ReadonlySet<string> = new Set(
  " unknown incoming outgoing prerouted routed accepted progressing ringing answered dropped deleted".split(
    " ",
  ),
);

/** The reason for which a channel was dropped, if its last `status` tells one; "" for a state of its life. */
export function reasonOfStatus(status: string): string {
  return states.has(status) ? "" : status;
}
