import {
  type Machine,
  type ServerAction,
  type ServerInput,
  type Step,
  step,
  type TimerInput,
} from "./machine.ts";

export type NonInviteServerState = "trying" | "proceeding" | "completed";

type Input = ServerInput | TimerInput;
type Next = Step<NonInviteServerState | "terminated", ServerAction>;

const trying = step<NonInviteServerState, ServerAction>("trying");
const late = step<NonInviteServerState, ServerAction>("proceeding", "send 100");
const proceeding = step<NonInviteServerState, ServerAction>("proceeding");
const lateAgain = step<NonInviteServerState, ServerAction>("proceeding", "repeat response");
const final = step<NonInviteServerState, ServerAction>("completed", "send response");
const finalAgain = step<NonInviteServerState, ServerAction>("completed", "repeat response");
const completed = step<NonInviteServerState, ServerAction>("completed");
const finalFailed = step<NonInviteServerState, ServerAction>("completed", "tell failure");
const failed: Next = step("terminated", "tell failure");
const over: Next = step("terminated");

/**
 * The non-INVITE server transaction: RFC 3261 §17.2.2 with figure 8, and RFC 4320 §4: no 408, no provisional response but 100, and
 * that one neither early nor left out.
 */
export const nonInviteServer: Machine<NonInviteServerState, ServerInput, ServerAction> = {
  initial: "trying",
  timers: {
    // F is the client's: after it nobody waits for a response (RFC 4320 §4.2: "will not send a final response at all")
    trying: { act: "100", end: "F" },
    proceeding: { end: "F" },
    completed: { end: "J", lingers: true },
  },
  step(state, input) {
    switch (state) {
      case "trying":
        return inTrying(input);
      case "proceeding":
        return input === "request" ? lateAgain : (beforeFinal(input) ?? proceeding);
      case "completed":
        return inCompleted(input);
    }
  },
};

function inTrying(input: Input): Next {
  // RFC 4320 §4.1: "an element MUST respond to a non-INVITE request with a Status-Code of 100 if it has not otherwise responded after
  // the amount of time it takes a client transaction's Timer E to be reset to T2", and not before
  if (input === "timer 100") return late;
  // "Once in the "Trying" state, any further request retransmissions are discarded." (§17.2.2)
  return beforeFinal(input) ?? trying;
}

function beforeFinal(input: Input): Next | undefined {
  switch (input) {
    case "respond 2xx":
    case "respond 300-699":
      return final;
    case "timer F":
      return over;
    case "lost":
      return failed;
    // RFC 4320 §4.1: "MUST NOT send any provisional response with a Status-Code other than 100"; the 100 is sent when it is due.
    // What was refused was another transaction's, or a 100
    default:
      return undefined;
  }
}

function inCompleted(input: Input): Next {
  switch (input) {
    // "While in the "Completed" state, the server transaction MUST pass the final response to the transport layer for retransmission
    // whenever a retransmission of the request is received." Other final responses of the TU "MUST be discarded"
    case "request":
      return finalAgain;
    case "timer J":
      return over;
    // Figure 8 ends it. A request that was repeated would then be done again; RFC 6026 keeps INVITE transactions for that reason
    case "refused":
      return finalFailed;
    case "lost":
      return failed;
    default:
      return completed;
  }
}
