import { Params } from "../../bus/index.ts";
import {
  formatHostPort,
  listOf,
  type NameAddr,
  parseNameAddr,
  parseUri,
  type ServerTransaction,
  type SipFlow,
  tagOf,
} from "../../sip/index.ts";
import { isPrivateAddress } from "./addresses.ts";
import { errorStatus } from "./causes.ts";
import { appendHeaders, appendSource, partyOf, uriParty } from "./request-params.ts";
import type { SipService } from "./sip-service.ts";

/** REGISTER requests: they become `user.register` and `user.unregister` (spec/sip.md §9). */
export interface Registrar {
  receive(transaction: ServerTransaction): Promise<void>;
}

/** A contact that was registered, for the list that each answer tells (RFC 3261 §10.3 step 8). */
interface Binding {
  readonly uri: string;
  readonly untilMs: number;
  /** Stops watching the connection it came by. */
  unwatch(): void;
}

/** Who registers more contacts than this is not a phone. */
const maxContacts = 10;
const maxUsers = 100_000;

export function createRegistrar(service: SipService): Registrar {
  const { engine, settings } = service;
  const bindings = new Map<string, Map<string, Binding>>();

  const forget = (contacts: Map<string, Binding>, uri: string): void => {
    contacts.get(uri)?.unwatch();
    contacts.delete(uri);
  };

  /** The contacts of a user that have not run out. */
  const standing = (aor: string): Map<string, Binding> => {
    const found = bindings.get(aor) ?? new Map<string, Binding>();
    for (const [uri, { untilMs }] of found) if (untilMs <= engine.clock.now()) forget(found, uri);
    if (found.size === 0) bindings.delete(aor);
    return found;
  };
  engine.install({
    owner: { name: "sip" },
    name: "engine.timer",
    priority: 100,
    trackName: "sip",
    receive() {
      for (const aor of bindings.keys()) standing(aor);
      return false;
    },
  });

  /** A contact's own `expires` comes first, then the header, then what is usual (RFC 3261 §10.2.1.1). */
  const expiresOf = (contact: NameAddr | undefined, header: string | undefined): number => {
    const text = contact?.params.get("expires") ?? header;
    const asked = text === undefined || !/^\d+$/.test(text.trim()) ? settings.expires.usual : Number(text);
    return Math.min(asked, settings.expires.max);
  };

  return {
    async receive(transaction) {
      const { request, flow } = transaction;
      const { headers } = request;
      const to = partyOf(headers.get("To"));
      const texts = listOf(headers, "Contact");
      const every = texts.length === 1 && texts[0]?.trim() === "*";
      const contacts = every ? [] : texts.map((text) => parseNameAddr(text));
      const bad =
        contacts.some((contact) => !contact || !parseUri(contact.uri)) || (texts.includes("*") && !every);
      if (bad || contacts.length > maxContacts)
        return service.agent.respond(transaction, 400, { reason: "Bad Contact" });
      const lifeOf = (contact: NameAddr | undefined): number => expiresOf(contact, headers.get("Expires"));
      if (every && lifeOf(undefined) !== 0)
        return service.agent.respond(transaction, 400, { reason: "Contact * needs Expires 0" });
      for (const contact of contacts) {
        const life = lifeOf(contact);
        if (life > 0 && life < settings.expires.min)
          return service.agent.respond(transaction, 423, {
            headers: [["Min-Expires", String(settings.expires.min)]],
          });
      }
      const first = contacts[0];
      const number = (first && uriParty(first.uri).user) || to.user;
      const auth = await service.auth.authenticate(request, flow, { number, expires: lifeOf(first) });
      if (auth.kind !== "user" && (settings.authRequired || auth.kind === "refused")) {
        if (auth.kind === "refused") {
          const error = auth.message.get("error");
          return service.agent.respond(transaction, errorStatus(error) ?? 403, {
            reason: auth.message.get("reason"),
          });
        }
        return service.agent.respond(transaction, 401, {
          headers: service.auth.challenges({ stale: auth.kind === "stale" }),
        });
      }
      const username = auth.kind === "user" ? auth.username : undefined;
      const aor = username ?? to.user;
      const known = standing(aor);

      /** `user.register` or `user.unregister` of one contact; the code to refuse it with. */
      const tell = async (uri: string, life: number): Promise<number | undefined> => {
        const place = placeOf(service, transaction, uri);
        const params = Params.from();
        params
          .append("number", uriParty(uri).user || to.user)
          .append("sip_uri", request.uri)
          .append("sip_callid", headers.get("Call-ID") ?? "")
          .append("expires", life);
        if (username !== undefined) params.append("username", username);
        for (const name of ["realm", "newcall", "domain", "device"]) {
          const value = auth.message.get(name);
          if (value !== undefined) params.append(name, value);
        }
        params.append("driver", "sip");
        if (place.natAddress) params.append("reg_nat_addr", place.natAddress);
        params.append("data", `sip/${place.uri}`);
        appendSource(params, flow);
        if (life > 0)
          params
            .append("route_params", "oconnection_id")
            .append("oconnection_id", flow.id)
            .append("sip_to", uri);
        appendHeaders(params, headers);
        const message = engine.message(life > 0 ? "user.register" : "user.unregister", params);
        const handled = await engine.kernel.dispatch(message);
        if (life === 0) {
          forget(known, uri);
          return undefined;
        }
        if (!handled) return Number(message.get("code")) || errorStatus(message.get("reason")) || 404;
        const granted = message.integer("expires", life);
        if (bindings.size < maxUsers || bindings.has(aor)) bindings.set(aor, known);
        forget(known, uri);
        const untilMs = engine.clock.now() + granted * 1000;
        known.set(uri, { uri, untilMs, unwatch: watch(flow, () => lost(known, uri)) });
        while (known.size > maxContacts) forget(known, known.keys().next().value ?? "");
        return undefined;
      };

      /** The connection that leads to a contact is gone: nobody is there until the phone comes back. */
      const lost = (contacts: Map<string, Binding>, uri: string): void => {
        forget(contacts, uri);
        const { uri: place } = placeOf(service, transaction, uri);
        const params = {
          number: uriParty(uri).user || to.user,
          username,
          driver: "sip",
          data: `sip/${place}`,
        };
        engine.enqueue("user.unregister", { ...params, expires: 0, reason: "connection lost" });
      };

      if (every) for (const uri of [...known.keys()]) await tell(uri, 0);
      for (const contact of contacts) {
        if (!contact) continue;
        const refused = await tell(contact.uri, lifeOf(contact));
        if (refused !== undefined) return service.agent.respond(transaction, refused);
      }
      if (known.size === 0) bindings.delete(aor);

      const answer: [string, string][] = [];
      const now = engine.clock.now();
      const leftOf = ({ untilMs }: Binding): number => Math.max(0, Math.round((untilMs - now) / 1000));
      const own = first && known.get(first.uri);
      if (own) answer.push(["Expires", String(leftOf(own))]);
      // The contact that was just told comes first; phones that read only one read that.
      const listed = own
        ? [own, ...[...known.values()].filter((other) => other !== own)]
        : [...known.values()];
      for (const binding of listed) answer.push(["Contact", `<${binding.uri}>;expires=${leftOf(binding)}`]);
      const place = first && placeOf(service, transaction, first.uri);
      if (place?.natAddress) answer.push(["P-NAT-Refresh", "25"], ["X-Real-Contact", `<${place.uri}>`]);
      service.agent.respond(transaction, 200, { headers: answer });
    },
  };
}

/** Calls `fn` when a connection has broken; there is none to break with UDP. */
function watch(flow: SipFlow, fn: () => void): () => void {
  if (!flow.reliable) return () => {};
  return flow.onError(() => {
    if (flow.closed) fn();
  });
}

/** Where calls for a contact go: itself, or where its packets come from if it stands behind a NAT. */
function placeOf(
  service: SipService,
  { request, flow }: ServerTransaction,
  contact: string,
): { readonly uri: string; readonly natAddress?: string } {
  const uri = parseUri(contact);
  if (!uri || !service.settings.nat) return { uri: contact };
  const port = uri.port ?? 5060;
  const { host, port: sourcePort } = flow.remote;
  const behind =
    (isPrivateAddress(uri.host) && !isPrivateAddress(host)) || (!flow.reliable && port !== sourcePort);
  if (!behind || tagOf(request.headers, "from") === "") return { uri: contact };
  const user = uri.user ? `${uri.user}@` : "";
  return {
    uri: `${uri.scheme}:${user}${formatHostPort(host, sourcePort)}`,
    natAddress: formatHostPort(uri.host, port),
  };
}
