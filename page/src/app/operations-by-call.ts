import type { CallView } from "../../../src/console/protocol.ts";
import type { OperationRecord } from "../../../src/trace/index.ts";

/** What an app does on one call now. */
export interface CallOperations {
  readonly channel: string;
  /** Of `calls`; undefined when the console does not know it. */
  readonly call: CallView | undefined;
  /** The oldest first: what waits within what. */
  readonly operations: readonly OperationRecord[];
}

/** Open operations by call, the oldest call first; the channels of one call are together. */
export function operationsByCall(
  operations: readonly OperationRecord[],
  calls: Iterable<CallView>,
): readonly CallOperations[] {
  const callOf = new Map<string, CallView>();
  for (const call of calls) for (const channel of call.channels) callOf.set(channel, call);
  const groups = new Map<string, { call: CallView | undefined; operations: OperationRecord[] }>();
  for (const operation of operations) {
    const call = callOf.get(operation.channel) ?? callOf.get(operation.leg);
    const key = call ? `call ${call.id}` : `channel ${operation.channel}`;
    const found = groups.get(key);
    if (found) found.operations.push(operation);
    else groups.set(key, { call, operations: [operation] });
  }
  return [...groups.values()]
    .map(({ call, operations }) => {
      const sorted = operations.sort((a, b) => a.atMs - b.atMs || a.id - b.id);
      return { call, operations: sorted, channel: sorted[0]?.channel ?? "" };
    })
    .sort((a, b) => (a.operations[0]?.atMs ?? 0) - (b.operations[0]?.atMs ?? 0));
}
