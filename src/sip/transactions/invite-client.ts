import {
  type ClientAction,
  type ClientInput,
  type Machine,
  type Step,
  step,
  type TimerInput,
} from "./machine.ts";

export type InviteClientState = "calling" | "proceeding" | "completed" | "accepted";

type Input = ClientInput | TimerInput;
type Next = Step<InviteClientState | "terminated", ClientAction>;

const calling = step<InviteClientState, ClientAction>("calling");
const callingAgain = step<InviteClientState, ClientAction>("calling", "send request");
const proceeding = step<InviteClientState, ClientAction>("proceeding");
const progress = step<InviteClientState, ClientAction>("proceeding", "tell response");
const rejected = step<InviteClientState, ClientAction>("completed", "send ACK", "tell response");
const completed = step<InviteClientState, ClientAction>("completed");
const rejectedAgain = step<InviteClientState, ClientAction>("completed", "send ACK");
const lateSuccess = step<InviteClientState, ClientAction>("completed", "tell stray response");
const accepted = step<InviteClientState, ClientAction>("accepted");
const success = step<InviteClientState, ClientAction>("accepted", "tell response");
const timeout: Next = step("terminated", "tell timeout");
const transportError: Next = step("terminated", "tell transport error");
const over: Next = step("terminated");

/** The INVITE client transaction: RFC 3261 §17.1.1 with figure 5, as RFC 6026 §7.2 has amended it. */
export const inviteClient: Machine<InviteClientState, ClientInput, ClientAction> = {
  initial: "calling",
  timers: {
    calling: { act: "A", end: "B" },
    // no timer: how long a telephone may ring is the user's business
    proceeding: {},
    completed: { end: "D", lingers: true },
    accepted: { end: "M", lingers: true },
  },
  step(state, input) {
    switch (state) {
      case "calling":
        return inCalling(input);
      case "proceeding":
        return inProceeding(input);
      case "completed":
        return inCompleted(input);
      case "accepted":
        return inAccepted(input);
    }
  },
};

function inCalling(input: Input): Next {
  switch (input) {
    // "When timer A fires, the client transaction MUST retransmit the request" (§17.1.1.2)
    case "timer A":
      return callingAgain;
    // "If the client transaction is still in the "Calling" state when timer B fires, the client transaction SHOULD inform the TU
    // that a timeout has occurred." (§17.1.1.2)
    case "timer B":
      return timeout;
    case "refused":
    case "lost":
      return transportError;
    default:
      return onResponse(input) ?? calling;
  }
}

function inProceeding(input: Input): Next {
  switch (input) {
    // §9.1: 64*T1 after CANCEL without a final response "the client SHOULD then consider the original transaction cancelled and
    // SHOULD destroy the client transaction"
    case "cancel in vain":
      return timeout;
    case "lost":
      return transportError;
    // nothing is sent in this state: what was refused was another transaction's, and the peer has been heard of since
    case "refused":
      return proceeding;
    default:
      return onResponse(input) ?? proceeding;
  }
}

/** In "Calling" and "Proceeding". */
function onResponse(input: Input): Next | undefined {
  switch (input) {
    // "the provisional response MUST be passed to the TU. Any further provisional responses MUST be passed up"
    case "1xx":
      return progress;
    // "reception of a response with status code from 300-699 MUST cause the client transaction to transition to "Completed" ...
    // MUST pass the received response up to the TU, and MUST generate an ACK request"
    case "300-699":
      return rejected;
    // RFC 6026 §7.2: "the client transaction MUST transition to the "Accepted" state"; the ACK is the user's
    case "2xx":
      return success;
    default:
      return undefined;
  }
}

function inCompleted(input: Input): Next {
  switch (input) {
    // "Any retransmissions of the final response that are received while in the "Completed" state MUST cause the ACK to be
    // re-passed to the transport layer for retransmission, but the newly received response MUST NOT be passed up to the TU."
    case "300-699":
      return rejectedAgain;
    // a proxy that forks should not let this happen (§16.7); there is a callee who waits for ACK and BYE
    case "2xx":
      return lateSuccess;
    case "timer D":
      return over;
    // Figure 5 informs the TU. It has its final response; one made up for this would be a second
    case "refused":
    case "lost":
      return over;
    default:
      return completed;
  }
}

function inAccepted(input: Input): Next {
  switch (input) {
    // RFC 6026 §7.2: "Any 2xx responses that match this client transaction while in the "Accepted" state MUST be passed up to the
    // TU. The client transaction MUST NOT generate an ACK to the 2xx response."
    case "2xx":
      return success;
    case "timer M":
      return over;
    // nothing is sent in this state; other provisional and final responses are not passed on
    default:
      return accepted;
  }
}
