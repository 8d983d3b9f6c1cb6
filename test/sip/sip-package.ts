import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { freePort } from "../free-port.ts";

/** The part of the package `sip` 0.0.6, which has no types of its own, that the tests use. */
export interface PackageMessage {
  method?: string;
  uri?: string;
  status?: number;
  reason?: string;
  headers: PackageHeaders;
  content?: string;
}

export interface PackageAddress {
  name?: string;
  uri: string;
  params: Record<string, string>;
}

export interface PackageHeaders {
  via?: { params: Record<string, string> }[];
  from: PackageAddress;
  to: PackageAddress;
  "call-id": string;
  cseq: { seq: number; method: string };
  contact?: PackageAddress[];
  [name: string]: unknown;
}

interface PackageStack {
  send(message: PackageMessage, callback?: (response: PackageMessage) => void): void;
  destroy(): void;
}

interface SipPackage {
  create(options: object, onRequest: (request: PackageMessage) => void): PackageStack;
  makeResponse(request: PackageMessage, status: number, reason?: string): PackageMessage;
}

interface DigestPackage {
  signRequest(
    session: object,
    request: PackageMessage,
    challenge: PackageMessage,
    credentials: { user: string; password: string },
  ): void;
}

const load = createRequire(import.meta.url);
const sip: SipPackage = load("sip");
const digest: DigestPackage = load("sip/digest");

/** A session description without a port that anybody listens at. */
const description = [
  ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"],
  ...["m=audio 9 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000", ""],
].join("\r\n");

export const withDescription = { contentType: "application/sdp", content: description };

/** What a request outside of a dialog needs. */
export interface PackageRequest {
  readonly user: string;
  readonly headers?: Record<string, unknown>;
  readonly content?: string;
  readonly password?: string;
  /** Told of responses before the final one. */
  readonly early?: (response: PackageMessage) => void;
}

/** A dialog that the peer is in. */
export interface PackageDialog {
  readonly callId: string;
  readonly local: PackageAddress;
  readonly remote: PackageAddress;
  readonly target: string;
  seq: number;
}

/** The stack of the package with what a phone needs about it, that is: next to nothing. */
export interface SipPeer extends Disposable {
  readonly port: number;
  /** Requests that nobody has taken yet, but ACK, in their order. */
  take(method: string): Promise<PackageMessage>;
  /** ACKs by Call-ID. */
  readonly acks: ReadonlySet<string>;
  respond(request: PackageMessage, status: number, more?: Partial<PackageHeaders>, content?: string): void;
  /** Resolves to the final response; with a password a challenge is met once. */
  request(method: string, uri: string, options: PackageRequest): Promise<PackageMessage>;
  /** The INVITE that was sent last, for its CANCEL. */
  readonly lastInvite: PackageMessage | undefined;
  cancel(invite: PackageMessage): Promise<PackageMessage>;
  /** Acknowledges the 2xx; the dialog that it made. */
  acknowledge(response: PackageMessage): PackageDialog;
  /** The dialog of an INVITE that was answered with 2xx. */
  dialogOf(invite: PackageMessage): PackageDialog;
  /** Resolves to the final response; with credentials a challenge is met once. */
  inDialog(
    dialog: PackageDialog,
    method: string,
    headers?: Record<string, unknown>,
    credentials?: { readonly user: string; readonly password: string },
  ): Promise<PackageMessage>;
}

export interface SipPeerOptions {
  /** Told of every request but ACK, in the place of `take`. */
  readonly onRequest?: (request: PackageMessage) => void;
}

const tag = (): string => randomBytes(6).toString("hex");

export async function startSipPeer(options: SipPeerOptions = {}): Promise<SipPeer> {
  const port = await freePort();
  const waiting: PackageMessage[] = [];
  const wakes = new Set<() => void>();
  const acks = new Set<string>();
  const tags = new Map<string, string>();
  const stack = sip.create(
    // It takes addresses of its own name for tokens of its own; so its name is not the engine's.
    { port, address: "127.0.0.1", publicAddress: "localhost", tcp: false },
    (request) => {
      if (request.method === "ACK") acks.add(request.headers["call-id"]);
      else if (options.onRequest) options.onRequest(request);
      else waiting.push(request);
      for (const wake of [...wakes]) wake();
    },
  );
  const contact = (user: string): PackageAddress[] => [{ uri: `sip:${user}@127.0.0.1:${port}`, params: {} }];
  const ask = (message: PackageMessage, early?: PackageRequest["early"]): Promise<PackageMessage> =>
    new Promise((done) =>
      stack.send(message, (response) => {
        if ((response.status ?? 0) >= 200) done(response);
        else early?.(response);
      }),
    );
  const ownTag = (callId: string): string => {
    const known = tags.get(callId) ?? tag();
    tags.set(callId, known);
    return known;
  };
  let lastInvite: PackageMessage | undefined;

  const peer: SipPeer = {
    port,
    acks,
    get lastInvite() {
      return lastInvite;
    },
    take(method) {
      return new Promise((done, fail) => {
        const look = (): void => {
          const at = waiting.findIndex((request) => request.method === method);
          const [found] = at < 0 ? [] : waiting.splice(at, 1);
          if (!found) return;
          clearTimeout(timer);
          wakes.delete(look);
          done(found);
        };
        const timer = setTimeout(() => {
          wakes.delete(look);
          fail(new Error(`no ${method} came, but ${waiting.map((request) => request.method).join(", ")}`));
        }, 30_000);
        wakes.add(look);
        look();
      });
    },
    respond(request, status, more = {}, content) {
      const response = sip.makeResponse(request, status);
      const callId = request.headers["call-id"];
      response.headers.to = {
        ...request.headers.to,
        params: { tag: ownTag(callId), ...request.headers.to.params },
      };
      Object.assign(response.headers, { contact: contact("peer") }, more);
      if (content !== undefined) {
        response.headers["content-type"] = withDescription.contentType;
        response.content = content;
      }
      stack.send(response);
    },
    async request(method, uri, { user, headers = {}, content, password, early }) {
      const aor = `sip:${user}@127.0.0.1`;
      const callId = tag();
      const message: PackageMessage = {
        method,
        uri,
        headers: {
          from: { uri: aor, params: { tag: ownTag(callId) } },
          to: { uri: method === "REGISTER" ? aor : uri, params: {} },
          "call-id": callId,
          cseq: { seq: 1, method },
          contact: contact(user),
          "max-forwards": 70,
          ...headers,
        },
      };
      if (content !== undefined) {
        message.headers["content-type"] = withDescription.contentType;
        message.content = content;
      }
      if (method === "INVITE") lastInvite = message;
      const response = await ask(message, early);
      if (password === undefined || (response.status !== 401 && response.status !== 407)) return response;
      const again = { ...message, headers: { ...message.headers, cseq: { seq: 2, method }, via: [] } };
      digest.signRequest({}, again, response, { user, password });
      if (method === "INVITE") lastInvite = again;
      return await ask(again, early);
    },
    cancel({ uri = "", headers }) {
      const { via = [], from, to, cseq } = headers;
      const head = { via: [...via], from, to, "call-id": headers["call-id"], "max-forwards": 70 };
      return ask({
        method: "CANCEL",
        uri,
        headers: { ...head, cseq: { seq: cseq.seq, method: "CANCEL" } },
      });
    },
    acknowledge({ headers }) {
      const dialog: PackageDialog = {
        callId: headers["call-id"],
        local: headers.from,
        remote: headers.to,
        target: headers.contact?.[0]?.uri ?? "",
        seq: headers.cseq.seq,
      };
      stack.send({
        method: "ACK",
        uri: dialog.target,
        headers: {
          from: dialog.local,
          to: dialog.remote,
          "call-id": dialog.callId,
          cseq: { seq: dialog.seq, method: "ACK" },
          via: [],
          "max-forwards": 70,
        },
      });
      return dialog;
    },
    dialogOf({ headers }) {
      const callId = headers["call-id"];
      return {
        callId,
        local: { ...headers.to, params: { ...headers.to.params, tag: ownTag(callId) } },
        remote: headers.from,
        target: headers.contact?.[0]?.uri ?? "",
        seq: 0,
      };
    },
    async inDialog(dialog, method, headers = {}, credentials) {
      dialog.seq++;
      const message: PackageMessage = {
        method,
        uri: dialog.target,
        headers: {
          from: dialog.local,
          to: dialog.remote,
          "call-id": dialog.callId,
          cseq: { seq: dialog.seq, method },
          contact: contact("peer"),
          "max-forwards": 70,
          ...headers,
        },
      };
      const response = await ask(message);
      if (!credentials || response.status !== 401) return response;
      dialog.seq++;
      const cseq = { seq: dialog.seq, method };
      const again = { ...message, headers: { ...message.headers, cseq, via: [] } };
      digest.signRequest({}, again, response, credentials);
      return await ask(again);
    },
    [Symbol.dispose]: () => stack.destroy(),
  };
  return peer;
}
