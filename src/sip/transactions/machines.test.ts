import assert from "node:assert/strict";
import { test } from "node:test";
import { inviteClient } from "./invite-client.ts";
import { inviteServer } from "./invite-server.ts";
import type { ClientInput, Machine, ServerInput, TimerInput } from "./machine.ts";
import { nonInviteClient } from "./non-invite-client.ts";
import { nonInviteServer } from "./non-invite-server.ts";

const timers = ["A", "B", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "100"] as const;
const timerInputs = timers.map((name): TimerInput => `timer ${name}`);
const clientInputs: ClientInput[] = ["1xx", "2xx", "300-699", "refused", "lost", "cancel in vain"];
const serverInputs: ServerInput[] = [
  "respond 1xx",
  "respond 2xx",
  "respond 300-699",
  "request",
  "ACK",
  "refused",
  "lost",
];

interface Edge {
  readonly from: string;
  readonly input: string;
  readonly to: string;
  readonly actions: readonly string[];
}

/** Every step that can be made from the first state on. */
function edges<State extends string, Input extends string, Action extends string>(
  machine: Machine<State, Input, Action>,
  inputs: readonly (Input | TimerInput)[],
): Edge[] {
  const found: Edge[] = [];
  const seen = new Set<State>();
  const open: State[] = [machine.initial];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    for (const input of inputs) {
      const { next, actions } = machine.step(state, input);
      found.push({ from: state, input, to: next, actions });
      if (next !== "terminated") open.push(next);
    }
  }
  assert.deepEqual([...seen].sort(), Object.keys(machine.timers).sort(), "a state cannot be reached");
  return found;
}

const machines = {
  "INVITE client": { machine: inviteClient, found: edges(inviteClient, [...clientInputs, ...timerInputs]) },
  "non-INVITE client": {
    machine: nonInviteClient,
    found: edges(nonInviteClient, [...clientInputs, ...timerInputs]),
  },
  "INVITE server": { machine: inviteServer, found: edges(inviteServer, [...serverInputs, ...timerInputs]) },
  "non-INVITE server": {
    machine: nonInviteServer,
    found: edges(nonInviteServer, [...serverInputs, ...timerInputs]),
  },
};

for (const [name, { machine, found }] of Object.entries(machines)) {
  const timersOf = new Map(Object.entries(machine.timers));

  test(`${name}: what tells the user stands last, and is one thing`, () => {
    for (const { actions } of found)
      assert.ok(actions.slice(0, -1).every((action) => !action.startsWith("tell")));
  });

  test(`${name}: only the timers of a state do anything in it, and its last one ends it silently where it lingers`, () => {
    for (const { from, input, to, actions } of found.filter((edge) => edge.input.startsWith("timer "))) {
      const { act, end, lingers } = timersOf.get(from) ?? {};
      if (input === `timer ${end}`) {
        assert.equal(to, "terminated", `${from}, ${input}`);
        if (lingers) assert.deepEqual(actions, []);
      } else if (input === `timer ${act}`) assert.equal(actions.length, 1);
      else assert.deepEqual([to, actions], [from, []], `${from}, ${input}`);
    }
  });

  test(`${name}: no state is left for an earlier one, so that every path ends`, () => {
    const order = "calling trying proceeding completed confirmed accepted terminated".split(" ");
    for (const { from, to } of found) assert.ok(order.indexOf(to) >= order.indexOf(from), `${from} → ${to}`);
  });

  test(`${name}: a broken flow ends every state that sends, and nothing is sent for it`, () => {
    for (const { from, to, actions } of found.filter(({ input }) => input === "lost")) {
      if (!timersOf.get(from)?.lingers) assert.equal(to, "terminated", from);
      assert.ok(actions.every((action) => action.startsWith("tell")));
    }
  });
}
