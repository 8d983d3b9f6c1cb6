import { createHash, randomBytes } from "node:crypto";
import { realClock, silentLogger } from "../../src/base/index.ts";
import { createSipTransports } from "../../src/modules/sip/transport/index.ts";
import {
  createCredentials,
  createResponse,
  createUserAgent,
  type InviteSession,
  type MessageExtras,
  type ServerTransaction,
  type SessionEnd,
  type SessionHandlers,
  type SipBody,
  type SipFlow,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from "../../src/sip/index.ts";

const token = (): string => randomBytes(8).toString("hex");

/** What happened in a call of the phone, in order. */
export type CallEvent =
  | { readonly kind: "response"; readonly response: SipResponse }
  | { readonly kind: "ack"; readonly request: SipRequest }
  | { readonly kind: "offer"; readonly request: SipRequest }
  | { readonly kind: "request"; readonly request: SipRequest }
  | { readonly kind: "end"; readonly end: SessionEnd };

/** Keeps what comes until it is asked for. */
export class Mailbox<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => {};

  put(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** The first that fits, which is taken out; waits for it, at most 5 s. */
  async take<S extends T>(what: string, fits: (item: T) => item is S): Promise<S>;
  async take(what: string, fits?: (item: T) => boolean): Promise<T>;
  async take(what: string, fits: (item: T) => boolean = () => true): Promise<T> {
    const until = Date.now() + 5000;
    while (true) {
      const at = this.#items.findIndex(fits);
      const [found] = at < 0 ? [] : this.#items.splice(at, 1);
      if (found !== undefined) return found;
      if (Date.now() > until)
        throw new Error(`waited in vain for ${what}; there are ${this.#items.length} others`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }

  get waiting(): number {
    return this.#items.length;
  }
}

/** One call of the phone. It answers re-INVITEs and other requests with 200. */
export class PhoneCall {
  readonly events = new Mailbox<CallEvent>();
  session!: InviteSession;

  handlers(answer: () => SipBody): SessionHandlers & Record<"onProvisional" | "onAccepted", unknown> {
    const { events } = this;
    return {
      onAck: (request) => events.put({ kind: "ack", request }),
      onProvisional: (response) => events.put({ kind: "response", response }),
      onAccepted: (response) => {
        events.put({ kind: "response", response });
        return undefined;
      },
      onOffer: (request) => {
        events.put({ kind: "offer", request });
        return { status: 200, body: answer() };
      },
      onRequest: (transaction) => {
        events.put({ kind: "request", request: transaction.request });
        respond(transaction, 200);
      },
      onEnd: (end) => {
        if (end.response) events.put({ kind: "response", response: end.response });
        events.put({ kind: "end", end });
      },
    };
  }

  /** The response of that status, which may have come already. */
  async response(status: number): Promise<SipResponse> {
    const fits = (event: CallEvent): event is CallEvent & { kind: "response" } =>
      event.kind === "response" && event.response.status === status;
    return (await this.events.take(`a response ${status}`, fits)).response;
  }

  async request(method: string): Promise<SipRequest> {
    const fits = (event: CallEvent): event is CallEvent & { kind: "request" } =>
      event.kind === "request" && event.request.method === method;
    return (await this.events.take(method, fits)).request;
  }

  async end(): Promise<SessionEnd> {
    const fits = (event: CallEvent): event is CallEvent & { kind: "end" } => event.kind === "end";
    return (await this.events.take("the end", fits)).end;
  }

  hangup(extras?: MessageExtras): void {
    this.session.end(extras);
  }
}

/** A phone that a test holds in its hands: the project's own stack without an engine above it. */
export interface RawPhone extends AsyncDisposable {
  readonly port: number;
  readonly uri: string;
  /** Calls that came. They ring until the test answers. */
  readonly calls: Mailbox<PhoneCall>;
  /** Requests outside of calls; answered with 200. */
  readonly requests: Mailbox<SipRequest>;
  call(target: string, options?: CallOptions): PhoneCall;
  /** A request outside of a call. */
  ask(method: string, uri: string, options?: CallOptions & { readonly to?: string }): Promise<SipResponse>;
}

export interface CallOptions extends MessageExtras {
  readonly from?: string;
  readonly password?: string;
  readonly user?: string;
  /** Port that the offer names; 0 for no offer. */
  readonly media?: number;
  readonly maxForwards?: number;
}

/** An offer or answer of a phone that speaks A-law and keys. */
export function phoneSdp(port: number, more = "", address = "127.0.0.1"): SipBody {
  const family = address.includes(":") ? "IP6" : "IP4";
  const lines = [
    "v=0",
    `o=phone 1 1 IN ${family} ${address}`,
    "s=-",
    `c=IN ${family} ${address}`,
    "t=0 0",
    `m=audio ${port} RTP/AVP 8 101`,
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    ...(more === "" ? [] : [more]),
  ];
  return { type: "application/sdp", bytes: new TextEncoder().encode(`${lines.join("\r\n")}\r\n`) };
}

export const textOf = (message: SipMessage): string => new TextDecoder().decode(message.body);

function respond(transaction: ServerTransaction, status: number, extras: MessageExtras = {}): void {
  const toTag = tagOf(transaction.request.headers, "to") === "" ? { toTag: token() } : {};
  transaction.respond(createResponse(transaction.request, status, { ...extras, ...toTag }));
}

/** @param server port of the engine's SIP listener on 127.0.0.1 */
export async function createRawPhone(
  server: number,
  { transport = "udp" as "udp" | "tcp" } = {},
): Promise<RawPhone> {
  const calls = new Mailbox<PhoneCall>();
  const requests = new Mailbox<SipRequest>();
  const transports = await createSipTransports({
    clock: realClock,
    log: silentLogger,
    listeners: [{ name: "phone", transport, host: "127.0.0.1", port: 0 }],
    flood: false,
    onMessage: (message, flow) => agent.receive(message, flow),
  });
  const { port = 0 } = transports.addresses.get("phone") ?? {};
  const agent = createUserAgent({
    clock: realClock,
    random: token,
    contact: (_flow, user) => `<sip:${user || "phone"}@127.0.0.1:${port}>`,
    allow: ["INVITE", "ACK", "BYE", "CANCEL", "INFO", "MESSAGE", "NOTIFY", "OPTIONS", "UPDATE", "PRACK"],
    product: "raw phone",
    sessionExpires: 0,
    handlers: {
      onInvite(session) {
        const call = new PhoneCall();
        call.session = session;
        queueMicrotask(() => calls.put(call));
        return call.handlers(() => phoneSdp(4000));
      },
      onRequest(transaction) {
        requests.put(transaction.request);
        respond(transaction, 200);
      },
    },
  });
  const flow: SipFlow = await transports.connect({
    host: "127.0.0.1",
    port: server,
    transport: transport === "udp" ? "UDP" : "TCP",
  });
  const hash = (algorithm: string, data: string | Uint8Array): string =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(data)
      .digest("hex");
  const credentials = ({ user = "", password }: CallOptions) =>
    password === undefined
      ? {}
      : { credentials: createCredentials({ username: user, password, hash, cnonce: token }) };
  const uriOf = (target: string): string =>
    target.startsWith("sip:") ? target : `sip:${target === "" ? "" : `${target}@`}127.0.0.1:${server}`;

  return {
    port,
    uri: `sip:phone@127.0.0.1:${port}`,
    calls,
    requests,
    call(target, options = {}) {
      const call = new PhoneCall();
      const { media = 4000, body, headers, maxForwards } = options;
      const sent = body ?? (media === 0 ? undefined : phoneSdp(media));
      call.session = agent.invite({
        uri: uriOf(target),
        flow,
        from: options.from ?? `"Phone" <sip:phone@127.0.0.1:${port}>`,
        to: `<${uriOf(target)}>`,
        contact: `<sip:phone@127.0.0.1:${port}>`,
        ...(sent ? { body: sent } : {}),
        ...(headers ? { headers } : {}),
        ...(maxForwards === undefined ? {} : { maxForwards }),
        ...credentials(options),
        handlers: call.handlers(() => phoneSdp(media || 4000)) as SessionHandlers,
      });
      return call;
    },
    ask(method, uri, options = {}) {
      const { headers, body } = options;
      return agent.request({
        method,
        uri: uriOf(uri),
        flow,
        from: options.from ?? `<sip:${options.user ?? "phone"}@127.0.0.1:${server}>`,
        to: options.to ?? `<sip:${options.user ?? "phone"}@127.0.0.1:${server}>`,
        ...(headers ? { headers } : {}),
        ...(body ? { body } : {}),
        ...credentials(options),
      });
    },
    async [Symbol.asyncDispose]() {
      agent.stop();
      await transports.stop();
      // Whatever still waits for an answer would keep the test's process alive for half a minute.
      agent.close();
    },
  };
}
