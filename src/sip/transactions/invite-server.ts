import {
  type Machine,
  type ServerAction,
  type ServerInput,
  type Step,
  step,
  type TimerInput,
} from "./machine.ts";

export type InviteServerState = "proceeding" | "completed" | "confirmed" | "accepted";

type Input = ServerInput | TimerInput;
type Next = Step<InviteServerState | "terminated", ServerAction>;

const proceeding = step<InviteServerState, ServerAction>("proceeding");
const progress = step<InviteServerState, ServerAction>("proceeding", "send response");
const progressAgain = step<InviteServerState, ServerAction>("proceeding", "repeat response");
const progressFailed = step<InviteServerState, ServerAction>("proceeding", "tell failure");
const rejected = step<InviteServerState, ServerAction>("completed", "send response");
const rejectedAgain = step<InviteServerState, ServerAction>("completed", "repeat response");
const completed = step<InviteServerState, ServerAction>("completed");
const rejectFailed = step<InviteServerState, ServerAction>("completed", "tell failure");
const confirmed = step<InviteServerState, ServerAction>("confirmed");
const success = step<InviteServerState, ServerAction>("accepted", "send response");
const accepted = step<InviteServerState, ServerAction>("accepted");
const acknowledged = step<InviteServerState, ServerAction>("accepted", "tell ACK");
const successFailed = step<InviteServerState, ServerAction>("accepted", "tell failure");
const failed: Next = step("terminated", "tell failure");
const over: Next = step("terminated");

/**
 * The INVITE server transaction: RFC 3261 §17.2.1 as RFC 6026 §7.1 has amended it (its figure 7). The 100 has been sent before.
 * What breaks the whole flow ends it, since its responses have no other way; the RFC would look for one.
 */
export const inviteServer: Machine<InviteServerState, ServerInput, ServerAction> = {
  initial: "proceeding",
  timers: {
    proceeding: {},
    completed: { act: "G", end: "H" },
    confirmed: { end: "I", lingers: true },
    accepted: { end: "L", lingers: true },
  },
  step(state, input) {
    switch (state) {
      case "proceeding":
        return inProceeding(input);
      case "completed":
        return inCompleted(input);
      case "confirmed":
        // "The purpose of the "Confirmed" state is to absorb any additional ACK messages that arrive" (§17.2.1)
        return input === "timer I" ? over : confirmed;
      case "accepted":
        return inAccepted(input);
    }
  },
};

function inProceeding(input: Input): Next {
  switch (input) {
    // "If a request retransmission is received while in the "Proceeding" state, the most recent provisional response that was
    // received from the TU MUST be passed to the transport layer for retransmission."
    case "request":
      return progressAgain;
    case "respond 1xx":
      return progress;
    case "respond 300-699":
      return rejected;
    // RFC 6026 §7.1: "the server transaction MUST transition to the "Accepted" state"
    case "respond 2xx":
      return success;
    case "refused":
      return progressFailed;
    case "lost":
      return failed;
    default:
      return proceeding;
  }
}

function inCompleted(input: Input): Next {
  switch (input) {
    // "When timer G fires, the response is passed to the transport layer once more"; "when a request retransmission is received, the
    // server SHOULD pass the response to the transport for retransmission"
    case "timer G":
    case "request":
      return rejectedAgain;
    // "If an ACK is received while the server transaction is in the "Completed" state, the server transaction MUST transition to the
    // "Confirmed" state."
    case "ACK":
      return confirmed;
    // "it implies that the ACK was never received. In this case, the server transaction MUST ... indicate to the TU that a
    // transaction failure has occurred"
    case "timer H":
      return failed;
    case "refused":
      return rejectFailed;
    case "lost":
      return failed;
    default:
      return completed;
  }
}

function inAccepted(input: Input): Next {
  switch (input) {
    // RFC 6026 §7.1: "If the SIP element's TU issues a 2xx response for this transaction while the state machine is in the "Accepted"
    // state, the state machine MUST pass the response to the transport layer for transmission."
    case "respond 2xx":
      return success;
    case "ACK":
      return acknowledged;
    case "timer L":
      return over;
    case "refused":
      return successFailed;
    case "lost":
      return failed;
    // the request again: "absorbed by the transaction"; the user repeats its 2xx anyway
    default:
      return accepted;
  }
}
