import { createHash, randomBytes } from "node:crypto";
import { createDriver, type Engine, endpointOf } from "../../engine/index.ts";
import {
  createCredentials,
  createDigestServer,
  createUserAgent,
  formatHostPort,
  type SipFlow,
} from "../../sip/index.ts";
import { createAuthenticator } from "./authenticate.ts";
import { createGenericRequests, type GenericRequests } from "./generic-requests.ts";
import { receiveInvite } from "./incoming-call.ts";
import { escapeUser } from "./invitation.ts";
import { createLines } from "./lines.ts";
import { placeCall } from "./outgoing-call.ts";
import { createRegistrar, type Registrar } from "./registrar.ts";
import type { SipSettings } from "./settings.ts";
import { SipChannel } from "./sip-channel.ts";
import type { SipService } from "./sip-service.ts";
import { randomToken } from "./token.ts";
import type { SipTransports } from "./transport/index.ts";
import { installUpdates } from "./updates.ts";

const hash = (algorithm: "MD5" | "SHA-256", data: string | Uint8Array): string =>
  createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(data)
    .digest("hex");

/** How long the last BYEs have for their way when the engine stops. */
const farewellMs = 600;

/** Methods that are always served; others come with their settings. */
const methods = [
  "ACK",
  "INVITE",
  "BYE",
  "CANCEL",
  "REGISTER",
  "REFER",
  "OPTIONS",
  "INFO",
  "PRACK",
  "UPDATE",
  "NOTIFY",
];

/** Puts the parts of the SIP module together: the driver, the user agent, the registrar, the lines. */
export function startSipService(
  engine: Engine,
  settings: SipSettings,
  transports: SipTransports,
): SipService {
  const allow = [
    ...new Set([...methods, ...(settings.messages.enabled ? ["MESSAGE"] : []), ...settings.methods.keys()]),
  ];
  const listeners = new Map(settings.listeners.map((listener) => [listener.name, listener]));
  const listenerOf: SipService["listenerOf"] = (flow) =>
    listeners.get(flow.id) ?? settings.listeners.find(({ transport }) => transport === flow.transport);

  const contactUri = (flow: SipFlow, user: string): string => {
    const listener = listenerOf(flow);
    // A connection of ours has a port that nobody listens at; who wants to call back finds the listener's.
    const port = (listener && transports.addresses.get(listener.name)?.port) ?? flow.local.port;
    const host = listener?.natAddress ?? flow.local.host;
    const usual = flow.transport === "TLS" || flow.transport === "WSS" ? 5061 : 5060;
    const place = formatHostPort(host, port === usual ? undefined : port);
    const transport = flow.transport === "UDP" ? "" : `;transport=${flow.transport.toLowerCase()}`;
    return `sip:${user === "" ? "" : `${escapeUser(user)}@`}${place}${transport}`;
  };

  const driver = createDriver(engine, {
    name: "sip",
    type: "varchans",
    takes: ["call.progress", "call.ringing", "call.answered", "chan.dtmf", "chan.text"],
    execute: (message, target, caller) => placeCall(service, message, target, caller),
    receive: (channel, message) => channel instanceof SipChannel && channel.receive(message),
    status: (usual) => [...usual, `transactions=${agent.transactions}`],
  });

  let registrar: Registrar | undefined;
  let generic: GenericRequests | undefined;
  const agent = createUserAgent({
    clock: engine.clock,
    log: engine.log,
    random: randomToken,
    contact: (flow, user) => `<${contactUri(flow, user ?? "")}>`,
    allow,
    product: settings.userAgent,
    sessionExpires: settings.sessionExpires,
    handlers: {
      onInvite(session, transaction) {
        if (engine.accepting) return receiveInvite(service, session, transaction);
        queueMicrotask(() => session.reject(480));
        return { onEnd: () => {} };
      },
      onRequest(transaction) {
        if (!engine.accepting)
          return service.agent.respond(transaction, 503, { headers: [["Retry-After", "30"]] });
        if (transaction.request.method !== "REGISTER") return generic?.receive(transaction);
        registrar?.receive(transaction).catch((error: unknown) => {
          engine.log.error("a registration failed", { error });
          if (!transaction.completed) service.agent.respond(transaction, 500);
        });
      },
    },
  });
  const digest = createDigestServer({
    realm: settings.realm,
    clock: engine.clock,
    secret: randomBytes(16).toString("hex"),
    hash,
    sha256: settings.challengeSha256,
  });

  const service: SipService = {
    engine,
    driver,
    settings,
    agent,
    transports,
    auth: createAuthenticator(engine, digest),
    lines: createLines(
      () => service,
      (username, password) => createCredentials({ username, password, hash, cnonce: randomToken }),
    ),
    get generic() {
      if (!generic) throw new Error("the SIP module has not started");
      return generic;
    },
    listenerOf,
    contactUri,
  };
  registrar = createRegistrar(service);
  generic = createGenericRequests(service);
  installMessages(service);
  installUpdates(service);
  engine.own(async () => {
    const talking = agent.sessions.size > 0;
    agent.stop();
    // What was lost on the way is sent once more; a phone that is away is not waited for.
    if (talking) await new Promise<void>((resolve) => engine.clock.after(farewellMs, resolve));
  });
  engine.own(() => service.lines.stop());
  return service;
}

/** The messages that are for SIP beside those of every driver (priorities: spec/services.md §9). */
function installMessages(service: SipService): void {
  const { engine } = service;
  const install = (
    name: string,
    priority: number,
    receive: Parameters<Engine["install"]>[0]["receive"],
  ): void => void engine.install({ name, priority, trackName: "sip", receive });

  install("user.login", 150, (message) => service.lines.login(message));
  install("call.execute", 90, (message) => {
    const target = /^line\/(.+)$/.exec(message.get("callto") ?? "")?.[1];
    if (target === undefined || !service.lines.find(message.get("line") ?? "") || !engine.accepting)
      return false;
    return placeCall(service, message, target, endpointOf(message));
  });
  install("msg.execute", 100, (message) =>
    (message.get("callto") ?? "").startsWith("sip/") ? service.generic.sendText(message) : false,
  );
  if (service.settings.generate)
    install("xsip.generate", 100, (message) => service.generic.generate(message));
  install("engine.status", 110, (message) => {
    const wanted = message.get("module") ?? "";
    if (wanted !== "" && wanted !== "accounts" && wanted !== "sip accounts") return false;
    const { states } = service.lines;
    const items = states.length > 0 && message.flag("details", true) ? `;${states.join(",")}` : "";
    message.retvalue += `name=sip accounts,protocol=SIP,format=Username|Status;accounts=${states.length}${items}\r\n`;
    return wanted === "sip accounts";
  });
}
