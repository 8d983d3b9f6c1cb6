import type { Clock, Logger, Timer } from "../../base/index.ts";
import { createRequest, createResponse } from "../create-message.ts";
import { parseCSeq } from "../cseq.ts";
import type { SipFlow } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type {
  ClientHandlers,
  ClientTransaction,
  ServerTransaction,
  TransactionHandlers,
  TransactionLayer,
} from "../transaction.ts";
import { parseVia } from "../via.ts";
import { formatSipMessage } from "../write-message.ts";

export interface SipTimers {
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly t4Ms: number;
}

/** Stands in for the layer of src/sip/transactions until that is there. */
export function createTransactionLayer(options: {
  clock: Clock;
  handlers: TransactionHandlers;
  random(): string;
  timers?: Partial<SipTimers>;
  log?: Logger;
}): TransactionLayer {
  const { clock, handlers } = options;
  const servers = new Map<string, ServerTransaction>();
  const clients = new Map<string, (response: SipResponse) => void>();
  const branchOf = (message: SipRequest | SipResponse): string =>
    parseVia(message.headers.get("via") ?? "")?.branch ?? "";
  const withVia = (request: SipRequest, flow: SipFlow, branch: string): SipRequest => {
    const headers = request.headers.clone();
    headers.prepend(
      "Via",
      `SIP/2.0/${flow.transport} ${flow.local.host}:${flow.local.port};branch=${branch};rport`,
    );
    return { ...request, headers };
  };
  const layer: TransactionLayer = {
    get size() {
      return servers.size + clients.size;
    },
    receive(message, flow) {
      const branch = branchOf(message);
      if (message.kind === "response") {
        const client = clients.get(`${branch} ${parseCSeq(message.headers.get("cseq") ?? "")?.method}`);
        if (client) client(message);
        else handlers.onStrayResponse?.(message, flow);
        return;
      }
      const key = `${branch} ${message.method}`;
      const known = servers.get(message.method === "ACK" ? `${branch} INVITE` : key);
      if (message.method === "ACK") {
        if (!known) handlers.onAck(message, flow);
        return;
      }
      if (known) {
        if (known.response) flow.send(formatSipMessage(known.response));
        return;
      }
      if (message.method === "CANCEL") {
        const invite = servers.get(`${branch} INVITE`);
        flow.send(formatSipMessage(createResponse(message, invite ? 200 : 481)));
        if (invite && !invite.completed) handlers.onCancel(invite, message);
        return;
      }
      let response: SipResponse | undefined;
      const transaction: ServerTransaction = {
        request: message,
        flow,
        get response() {
          return response;
        },
        get completed() {
          return (response?.status ?? 0) >= 200;
        },
        respond(next) {
          if ((response?.status ?? 0) >= 200 && next !== response) return;
          if (next.status >= 200 && next !== response) clock.after(32000, () => servers.delete(key));
          response = next;
          flow.send(formatSipMessage(next));
        },
      };
      servers.set(key, transaction);
      handlers.onRequest(transaction);
    },
    send(request, flow, on: ClientHandlers): ClientTransaction {
      const branch = `z9hG4bK${options.random()}`;
      const sent = withVia(request, flow, branch);
      const key = `${branch} ${request.method}`;
      let done = false;
      let provisional = false;
      let cancelled = false;
      let timer: Timer | undefined;
      let resend: Timer | undefined;
      const again = (ms: number): void => {
        if (flow.reliable) return;
        resend = clock.after(ms, () => {
          flow.send(formatSipMessage(sent));
          again(ms * 2);
        });
      };
      const cancel = (): void => {
        if (done || !provisional || !cancelled) return;
        const headers = sent.headers.clone();
        for (const name of ["contact", "allow", "supported", "user-agent"]) headers.delete(name);
        headers.set("CSeq", `${parseCSeq(sent.headers.get("cseq") ?? "")?.number} CANCEL`);
        flow.send(formatSipMessage({ ...sent, method: "CANCEL", headers, body: new Uint8Array(0) }));
      };
      clients.set(key, (response) => {
        resend?.cancel();
        if (response.status < 200) {
          provisional = true;
          timer?.cancel();
          cancel();
          on.onResponse(response);
          return;
        }
        timer?.cancel();
        if (request.method === "INVITE" && response.status >= 300)
          flow.send(
            formatSipMessage(
              createRequest({
                method: "ACK",
                uri: sent.uri,
                headers: [
                  ["Via", sent.headers.get("via") ?? ""],
                  ["From", sent.headers.get("from") ?? ""],
                  ["To", response.headers.get("to") ?? ""],
                  ["Call-ID", sent.headers.get("call-id") ?? ""],
                  ["CSeq", `${parseCSeq(sent.headers.get("cseq") ?? "")?.number} ACK`],
                ],
              }),
            ),
          );
        if (done && !(request.method === "INVITE" && response.status < 300)) return;
        if (!done) clock.after(32000, () => clients.delete(key));
        done = true;
        on.onResponse(response);
      });
      timer = clock.after(32000, () => {
        clients.delete(key);
        resend?.cancel();
        on.onTimeout();
      });
      again(500);
      flow.send(formatSipMessage(sent));
      return {
        request: sent,
        flow,
        branch,
        get completed() {
          return done;
        },
        cancel() {
          cancelled = true;
          cancel();
        },
      };
    },
    sendAck(ack, flow) {
      const sent = ack.headers.has("via") ? ack : withVia(ack, flow, `z9hG4bK${options.random()}`);
      flow.send(formatSipMessage(sent));
      return sent;
    },
    stop() {
      servers.clear();
      clients.clear();
    },
  };
  return layer;
}
