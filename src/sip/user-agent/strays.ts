import { parseCSeq } from "../cseq.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import { parseUri } from "../uri.ts";
import { type Core, lifetimeMs } from "./core.ts";
import { Dialog, uriOf } from "./dialog.ts";
import { exchange } from "./exchange.ts";
import { Recent } from "./recent.ts";
import { Retry } from "./retry.ts";

/** So many late 2xx are answered with their own ACK and BYE; what comes above that within a minute gets none. */
const maxStrays = 10_000;

/** What happens to responses of no transaction. */
export interface Strays {
  receive(response: SipResponse, flow: SipFlow): void;
  clear(): void;
}

/**
 * A 2xx to an INVITE whose transaction is over makes a dialog that nobody wants here: it is acknowledged and ended
 * (RFC 6026 §8.1), its repetitions are acknowledged. Everything else is dropped.
 */
export function createStrays(core: Core): Strays {
  const acks = new Recent<SipRequest>(core.clock, lifetimeMs(core), () => false);
  return {
    receive(response, flow) {
      const { headers } = response;
      const cseq = parseCSeq(headers.get("cseq") ?? "");
      const contact = headers.get("contact");
      if (response.status < 200 || response.status >= 300 || cseq?.method !== "INVITE") return;
      const localTag = tagOf(headers, "from");
      const remoteTag = tagOf(headers, "to");
      const known = core.byTag.get(localTag);
      if (known) return known.repeatAckOf(remoteTag, cseq.number);
      // Who sends what nobody has asked for gets no ACK and BYE sent to whom it says it is.
      if (contact === undefined || core.invited.get(localTag) !== headers.get("call-id")) return;
      const key = `${localTag}\n${remoteTag}\n${headers.get("call-id")}`;
      const before = acks.get(key);
      if (before) {
        core.layer.sendAck(before, flow);
        return;
      }
      if (acks.size >= maxStrays) return;
      const user = parseUri(uriOf(headers.get("from")))?.user;
      const dialog = Dialog.ofStray(response, cseq.number, flow, core.contact(flow, user));
      acks.set(key, core.layer.sendAck(dialog.request("ACK", [], undefined, cseq.number), flow));
      exchange(core, {
        request: dialog.request("BYE", [core.requestHeaders], undefined),
        flow,
        retry: new Retry(core, undefined),
        nextCSeq: () => ++dialog.localCSeq,
        done: () => {},
      });
    },
    clear: () => acks.clear(),
  };
}
