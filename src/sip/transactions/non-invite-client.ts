import {
  type ClientAction,
  type ClientInput,
  type Machine,
  type Step,
  step,
  type TimerInput,
} from "./machine.ts";

export type NonInviteClientState = "trying" | "proceeding" | "completed";

type Input = ClientInput | TimerInput;
type Next = Step<NonInviteClientState | "terminated", ClientAction>;

const sendIn = {
  trying: step<NonInviteClientState, ClientAction>("trying", "send request"),
  proceeding: step<NonInviteClientState, ClientAction>("proceeding", "send request"),
};
const stayIn = {
  trying: step<NonInviteClientState, ClientAction>("trying"),
  proceeding: step<NonInviteClientState, ClientAction>("proceeding"),
};
const progress = step<NonInviteClientState, ClientAction>("proceeding", "tell response");
const final = step<NonInviteClientState, ClientAction>("completed", "tell response");
const completed = step<NonInviteClientState, ClientAction>("completed");
const timeout: Next = step("terminated", "tell timeout");
const transportError: Next = step("terminated", "tell transport error");
const over: Next = step("terminated");

/** The non-INVITE client transaction: RFC 3261 §17.1.2 with figure 6. */
export const nonInviteClient: Machine<NonInviteClientState, ClientInput, ClientAction> = {
  initial: "trying",
  timers: {
    trying: { act: "E", end: "F" },
    // "If Timer E fires while in the "Proceeding" state, the request MUST be passed to the transport layer for retransmission, and
    // Timer E MUST be reset with a value of T2 seconds." Timer F runs on
    proceeding: { act: "E", steady: true, end: "F" },
    completed: { end: "K", lingers: true },
  },
  step(state, input) {
    switch (state) {
      case "trying":
      case "proceeding":
        return beforeFinal(state, input);
      case "completed":
        return inCompleted(input);
    }
  },
};

function beforeFinal(state: "trying" | "proceeding", input: Input): Next {
  switch (input) {
    case "timer E":
      return sendIn[state];
    // "If Timer F fires while the client transaction is still in the "Trying" state, the client transaction SHOULD inform the TU
    // about the timeout"; the same in "Proceeding" (§17.1.2.2)
    case "timer F":
      return timeout;
    case "1xx":
      return progress;
    case "2xx":
    case "300-699":
      return final;
    case "refused":
    case "lost":
      return transportError;
    default:
      return stayIn[state];
  }
}

function inCompleted(input: Input): Next {
  switch (input) {
    case "timer K":
      return over;
    // "The "Completed" state exists to buffer any additional response retransmissions that may be received" (§17.1.2.2)
    default:
      return completed;
  }
}
