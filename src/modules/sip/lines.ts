import { errorText, type Timer } from "../../base/index.ts";
import type { EngineMessage } from "../../engine/index.ts";
import {
  type Credentials,
  listOf,
  parseNameAddr,
  parseUri,
  type SipFlow,
  type SipRequest,
  type SipResponse,
  sameUri,
} from "../../sip/index.ts";
import type { RegistrationEntry } from "../../trace/index.ts";
import { statusError } from "./causes.ts";
import { uriParty } from "./request-params.ts";
import type { SipService } from "./sip-service.ts";

/** An account of ours at a provider (spec/sip.md §9, "Lines"). */
export interface Line {
  readonly account: string;
  readonly username: string;
  readonly domain: string;
  /** Display name of its calls. */
  readonly description: string | undefined;
  /** Calls can go through it: the provider took the registration, or needs none. */
  readonly registered: boolean;
  readonly credentials: Credentials | undefined;
  /** Route headers of its requests. */
  readonly route: readonly string[] | undefined;
  /** The way to the provider. */
  flow(): Promise<SipFlow>;
}

export interface Lines {
  find(account: string): Line | undefined;
  /** The line whose provider sent this request to its user. */
  ofRequest(request: SipRequest, flow: SipFlow): Line | undefined;
  /** `user.login`: true when it was for SIP. */
  login(message: EngineMessage): boolean;
  /** `account=user|state` of each, for the status. */
  readonly states: readonly string[];
  readonly entries: readonly RegistrationEntry[];
  /** Lets every provider know that we are gone. Does not wait for more than their answers, at most 2 s. */
  stop(): Promise<void>;
}

/** Makes the answer to a challenge. */
export type CredentialsFor = (username: string, password: string) => Credentials;

const minRefreshMs = 60_000;

export function createLines(service: () => SipService, credentialsFor: CredentialsFor): Lines {
  const lines = new Map<string, RegisteredLine>();
  return {
    find: (account) => lines.get(account),
    ofRequest(request, flow) {
      for (const line of lines.values()) if (line.sent(request, flow)) return line;
      return undefined;
    },
    login(message) {
      const protocol = message.get("protocol");
      const account = message.get("account") ?? "";
      if ((protocol && protocol !== "sip") || account === "") return false;
      const operation = message.get("operation") || "login";
      const known = lines.get(account);
      if (!protocol && !known) return false;
      switch (operation) {
        case "create":
        case "login":
        case "query": {
          if (operation === "query") return known !== undefined;
          known?.close();
          const line = new RegisteredLine(service(), message, credentialsFor);
          lines.set(account, line);
          if (message.flag("enabled", true)) line.login();
          return true;
        }
        case "logout":
          if (known) void known.logout();
          return known !== undefined;
        case "delete":
          if (known) void known.logout();
          return lines.delete(account);
        default:
          return false;
      }
    },
    get states() {
      return [...lines.values()].map((line) => `${line.account}=${line.username}|${line.state}`);
    },
    get entries() {
      return [...lines.values()].map((line) => line.entry);
    },
    async stop() {
      const { clock } = service().engine;
      const leaving = Promise.all([...lines.values()].map((line) => line.logout()));
      const limit = Promise.withResolvers<void>();
      const timer = clock.after(2000, limit.resolve, { background: true });
      await Promise.race([leaving, limit.promise]);
      timer.cancel();
      for (const line of lines.values()) line.close();
      lines.clear();
    },
  };
}

class RegisteredLine implements Line {
  readonly account: string;
  readonly username: string;
  readonly domain: string;
  readonly description: string | undefined;
  readonly credentials: Credentials | undefined;
  readonly route: readonly string[] | undefined;
  state = "offline";
  readonly #service: SipService;
  readonly #registrar: string;
  readonly #transport: string | undefined;
  readonly #intervalSec: number;
  readonly #keepaliveSec: number | undefined;
  readonly #matchPort: boolean;
  readonly #matchUser: boolean;
  readonly #callId: string;
  readonly #tag: string;
  #askedSec: number;
  #cseq = 1;
  #timer: Timer | undefined;
  #keepalive: Timer | undefined;
  #flow: SipFlow | undefined;
  #remote: { readonly host: string; readonly port: number } | undefined;
  /** Our own contact, as it was registered last. */
  #contact = "";
  #registered = false;
  /** When the provider forgets us; undefined where nothing is registered. */
  #untilMs: number | undefined;
  #told: boolean | undefined;
  #closed = false;

  constructor(service: SipService, message: EngineMessage, credentialsFor: CredentialsFor) {
    const get = (name: string): string => message.get(name) ?? "";
    this.#service = service;
    this.account = get("account");
    this.username = get("username");
    this.#registrar = get("registrar") || get("server");
    this.domain = get("domain") || hostOf(this.#registrar);
    this.description = get("description") || undefined;
    this.#transport = get("ip_transport") || undefined;
    this.#intervalSec = Math.min(86_400, Math.max(60, message.integer("interval", 600)));
    this.#askedSec = this.#intervalSec;
    this.#keepaliveSec = message.get("keepalive") === undefined ? undefined : message.integer("keepalive", 0);
    this.#matchPort = message.flag("match_port", true);
    this.#matchUser = message.flag("match_user", true);
    const password = message.get("password");
    this.credentials =
      password === undefined ? undefined : credentialsFor(get("authname") || this.username, password);
    const outbound = get("outbound");
    this.route = outbound ? [`<${sipUri(outbound)};lr>`] : undefined;
    const unique = `${service.engine.runId}-${Math.random().toString(36).slice(2)}`;
    this.#callId = `${unique}@${this.domain || "yayts"}`;
    this.#tag = unique;
  }

  get registered(): boolean {
    return this.#registered;
  }

  get entry(): RegistrationEntry {
    return {
      kind: "line",
      name: this.account,
      where: this.#registrar,
      status: this.state,
      untilMs: this.#registered ? this.#untilMs : undefined,
    };
  }

  async flow(): Promise<SipFlow> {
    if (this.#flow && !this.#flow.closed) return this.#flow;
    const { transports } = this.#service;
    const next = this.route?.[0]?.slice(1, -1) ?? sipUri(this.#registrar || this.domain);
    const found = await transports.resolve(next, this.#transport);
    this.#remote = { host: found.host, port: found.port };
    const flow = await transports.connect(found);
    this.#flow = flow;
    return flow;
  }

  sent(request: SipRequest, flow: SipFlow): boolean {
    if (!this.#registered || !this.#remote || flow.remote.host !== this.#remote.host) return false;
    if (this.#matchPort && !flow.reliable && flow.remote.port !== this.#remote.port) return false;
    return !this.#matchUser || uriParty(request.uri).user === this.username;
  }

  login(): void {
    if (!this.#registrar || !this.username) {
      // Nothing to register at: the line is good as it is.
      this.#settle(true);
      return;
    }
    this.state = "registering";
    void this.#register();
  }

  async #register(): Promise<void> {
    const response = await this.#send(this.#askedSec);
    if (this.#closed) return;
    if (response?.status === 423 && this.#askedSec < 86_400) {
      this.#askedSec = Math.max(this.#askedSec + 1, Number(response.headers.get("Min-Expires")) || 3600);
      return await this.#register();
    }
    if (response && response.status >= 200 && response.status < 300) {
      this.#settle(true);
      const grantedSec = this.#granted(response);
      this.#untilMs = this.#service.engine.clock.now() + grantedSec * 1000;
      this.#again(Math.max(minRefreshMs, grantedSec * 750));
      this.#keepAlive(response);
      return;
    }
    const reason = response ? response.reason : "no way to the registrar";
    const error = response ? statusError(response.status, response.reason) : "notransport";
    this.#settle(false, reason, error);
    this.#flow = undefined;
    this.#again(Math.min(600_000, Math.max(30_000, this.#intervalSec * 500)));
  }

  /** A REGISTER; undefined when there is no way to the registrar. */
  async #send(expiresSec: number): Promise<SipResponse | undefined> {
    try {
      const flow = await this.flow();
      const { agent } = this.#service;
      const own = `sip:${this.username}@${this.domain}`;
      this.#contact = this.#service.contactUri(flow, this.username);
      const cseq = this.#cseq;
      // Two requests at most: the second answers the challenge.
      this.#cseq += 2;
      return await agent.request({
        method: "REGISTER",
        uri: sipUri(this.#registrar),
        flow,
        from: `<${own}>`,
        to: `<${own}>`,
        contact: `<${this.#contact}>`,
        callId: this.#callId,
        fromTag: this.#tag,
        cseq,
        headers: [["Expires", String(expiresSec)]],
        route: this.route,
        credentials: this.credentials,
      });
    } catch (error) {
      this.#service.engine.log.warn("a line cannot reach its registrar", {
        account: this.account,
        registrar: this.#registrar,
        error: errorText(error),
      });
      return undefined;
    }
  }

  /** Seconds granted: of our own contact, else of the whole response. */
  #granted(response: SipResponse): number {
    const contacts = listOf(response.headers, "Contact").map((value) => parseNameAddr(value));
    const ours = contacts.find((contact) => contact && sameUri(contact.uri, this.#contact));
    const given = Number(ours?.params.get("expires") ?? response.headers.get("Expires") ?? this.#askedSec);
    return Number.isFinite(given) && given > 0 ? given : this.#askedSec;
  }

  #again(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#service.engine.clock.after(delayMs, () => void this.#register(), {
      background: true,
    });
  }

  /** Behind a NAT the way back must be kept open: CRLF (RFC 5626 §3.5.1), every 25 s unless told otherwise. */
  #keepAlive(response: SipResponse): void {
    this.#keepalive?.cancel();
    const via = response.headers.get("Via") ?? "";
    const received = /;\s*received=([^;,\s]+)/i.exec(via)?.[1];
    const flow = this.#flow;
    if (!flow) return;
    const natted = received !== undefined && received !== flow.local.host && flow.local.host !== "0.0.0.0";
    const everySec = this.#keepaliveSec ?? (natted ? 25 : 0);
    if (everySec <= 0) return;
    const tick = (): void => {
      if (this.#closed || flow.closed) return;
      flow.send(new Uint8Array([13, 10, 13, 10]));
      this.#keepalive = this.#service.engine.clock.after(everySec * 1000, tick, { background: true });
    };
    this.#keepalive = this.#service.engine.clock.after(everySec * 1000, tick, { background: true });
  }

  #settle(registered: boolean, reason?: string, error?: string): void {
    this.#registered = registered;
    this.state = registered ? "registered" : (error ?? "offline");
    if (this.#told === registered) return;
    this.#told = registered;
    this.#service.engine.enqueue("user.notify", {
      account: this.account,
      protocol: "sip",
      username: this.username,
      domain: this.domain,
      registered,
      reason,
      error,
    });
  }

  async logout(): Promise<void> {
    const registered = this.#registered && this.#registrar !== "" && this.username !== "";
    this.close();
    if (registered) await this.#send(0);
    this.#settle(false);
  }

  /** Stops registering; the provider is not told. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#keepalive?.cancel();
  }
}

function sipUri(text: string): string {
  return /^sips?:/i.test(text) ? text : `sip:${text}`;
}

function hostOf(registrar: string): string {
  return registrar === "" ? "" : (parseUri(sipUri(registrar))?.host ?? "");
}
