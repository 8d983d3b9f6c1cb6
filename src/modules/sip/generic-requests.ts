import { errorText } from "../../base/index.ts";
import type { EngineMessage } from "../../engine/index.ts";
import { parseUri, type ServerTransaction, type SipBody } from "../../sip/index.ts";
import { errorStatus } from "./causes.ts";
import { extraHeaders } from "./extra-headers.ts";
import { appendAddress, appendBody, appendHeaders, hopsAfter, partyOf, uriParty } from "./request-params.ts";
import type { SipChannel } from "./sip-channel.ts";
import type { SipService } from "./sip-service.ts";

/** Requests that are not about a call, both ways: MESSAGE, and whatever `[methods]` lists (spec/sip.md §10). */
export interface GenericRequests {
  /** Answers a request that nothing else wanted. */
  receive(transaction: ServerTransaction, channel?: SipChannel): void;
  /** `msg.execute` to `sip/…`. */
  sendText(message: EngineMessage): Promise<boolean>;
  /** `xsip.generate`. */
  generate(message: EngineMessage): Promise<boolean>;
}

export function createGenericRequests(service: SipService): GenericRequests {
  const { engine, settings } = service;

  const dispatchMethod = async (transaction: ServerTransaction, channel?: SipChannel): Promise<void> => {
    const { request } = transaction;
    const needsAuth = settings.methods.get(request.method) ?? true;
    const message = engine.message(`sip.${request.method.toLowerCase()}`, undefined, channel);
    if (channel) message.set("id", channel.id);
    if (!(await fill(message, transaction, needsAuth))) return;
    if (!(await engine.kernel.dispatch(message)))
      return service.agent.respond(transaction, request.method === "INFO" ? 415 : 405);
    const code = Number(message.get("code") || message.retvalue) || 200;
    service.agent.respond(transaction, code, { headers: extraHeaders(message), body: bodyOf(message) });
  };

  /** The parameters that MESSAGE and the methods have in common; false when it was challenged. */
  const fill = async (
    message: EngineMessage,
    transaction: ServerTransaction,
    needsAuth: boolean,
  ): Promise<boolean> => {
    const { request, flow } = transaction;
    const from = partyOf(request.headers.get("From"));
    const to = uriParty(request.uri);
    const line = service.lines.ofRequest(request, flow);
    const { params } = message;
    params.append("called", to.user).append("caller", from.user);
    if (from.displayName) params.append("callername", from.displayName);
    if (line) params.append("in_line", line.account);
    else if (needsAuth) {
      const auth = await service.auth.authenticate(request, flow, { caller: from.user, called: to.user });
      if (auth.kind !== "user") {
        const headers = service.auth.challenges({ stale: auth.kind === "stale" });
        if (auth.kind === "refused") service.agent.respond(transaction, 403);
        else service.agent.respond(transaction, 401, { headers });
        return false;
      }
      params.append("username", auth.username);
    }
    params
      .append("connection_id", flow.id)
      .append("connection_reliable", flow.reliable)
      .append("antiloop", hopsAfter(request, settings.maxForwards));
    appendAddress(params, flow);
    params
      .append("sip_uri", request.uri)
      .append("sip_callid", request.headers.get("Call-ID") ?? "")
      .append("sip_from", request.headers.get("From") ?? "")
      .append("sip_to", request.headers.get("To") ?? "");
    appendHeaders(params, request.headers);
    appendBody(params, request);
    return true;
  };

  const receiveText = async (transaction: ServerTransaction): Promise<void> => {
    const message = engine.message("call.route", { module: service.driver.name, route_type: "msg" });
    if (!(await fill(message, transaction, settings.messages.authRequired))) return;
    const routed = await engine.kernel.dispatch(message);
    const target = message.retvalue.trim();
    if (!routed || target === "" || target === "-" || target === "error")
      return service.agent.respond(transaction, errorStatus(message.get("error")) ?? 405);
    if (message.integer("antiloop", 1) <= 0) return service.agent.respond(transaction, 483);
    message.name = "msg.execute";
    message.retvalue = "";
    message.set("callto", target);
    message.delete("handlers");
    const done = await engine.kernel.dispatch(message);
    service.agent.respond(transaction, Number(message.get("code")) || (done ? 200 : 404));
  };

  const send = async (
    message: EngineMessage,
    method: string,
    uri: string,
    body: SipBody | undefined,
    headers: readonly (readonly [string, string])[],
  ): Promise<boolean> => {
    if (!parseUri(uri)) return false;
    const account = message.get("line");
    const line = account ? service.lines.find(account) : undefined;
    if (account && !line?.registered) {
      message.set("error", "offline");
      return false;
    }
    try {
      const flow = line
        ? await line.flow()
        : await service.transports.connect(await service.transports.resolve(uri));
      const user = message.get("user") || message.get("caller") || line?.username || "anonymous";
      const domain = message.get("domain") || line?.domain || flow.local.host;
      const sent = service.agent.request({
        method,
        uri,
        flow,
        from: `<sip:${user}@${domain}>`,
        to: `<${uri}>`,
        contact: `<${service.contactUri(flow, user)}>`,
        headers: headers,
        ...(body ? { body } : {}),
        credentials: line?.credentials,
        route: line?.route,
        maxForwards: message.integer("antiloop", settings.maxForwards),
      });
      if (!message.flag("wait", false)) {
        sent.catch((error: unknown) =>
          engine.log.error("a SIP request was not sent", { method, uri, error }),
        );
        return true;
      }
      const response = await sent;
      message.set("code", response.status).set("reason", response.reason);
      return true;
    } catch (error) {
      engine.log.warn("no way to a SIP party", {
        uri,
        error: errorText(error),
      });
      message.set("error", "notransport");
      return false;
    }
  };

  return {
    receive(transaction, channel) {
      const { request } = transaction;
      const failed = (error: unknown): void => {
        engine.log.error("a SIP request failed", { method: request.method, error });
        if (!transaction.completed) service.agent.respond(transaction, 500);
      };
      if (request.method === "OPTIONS")
        return service.agent.respond(transaction, 200, { headers: [["Accept", "application/sdp"]] });
      if (settings.methods.has(request.method))
        return void dispatchMethod(transaction, channel).catch(failed);
      if (request.method === "MESSAGE" && settings.messages.enabled)
        return void receiveText(transaction).catch(failed);
      if (request.method === "INFO") return service.agent.respond(transaction, channel ? 415 : 481);
      service.agent.respond(transaction, channel || request.method !== "REFER" ? 405 : 481);
    },
    sendText(message) {
      const target = (message.get("callto") ?? "").slice("sip/".length);
      const uri = /^sips?:/i.test(target) ? target : `sip:${target}`;
      return send(message, "MESSAGE", uri, bodyOf(message) ?? textBody(message), extraHeaders(message));
    },
    generate(message) {
      const headers: [string, string][] = [];
      for (const [name, value] of message.params)
        if (name.startsWith("sip_")) headers.push([name.slice(4), value.replace(/[\r\n]+/g, " ")]);
      return send(message, message.get("method") ?? "", message.get("uri") ?? "", bodyOf(message), headers);
    },
  };
}

/** `xsip_body` of `xsip_type`, raw, base64 or hex by `xsip_body_encoding`. */
function bodyOf(message: EngineMessage): SipBody | undefined {
  const type = message.get("xsip_type");
  const text = message.get("xsip_body");
  if (!type || text === undefined) return undefined;
  const encoding = message.get("xsip_body_encoding");
  const bytes =
    encoding === "base64" || encoding === "hex"
      ? new Uint8Array(Buffer.from(text, encoding))
      : new TextEncoder().encode(text);
  return { type, bytes };
}

function textBody(message: EngineMessage): SipBody {
  return {
    type: "text/plain",
    bytes: new TextEncoder().encode(
      message.get("xsip_body") ?? message.get("body") ?? message.get("text") ?? "",
    ),
  };
}
