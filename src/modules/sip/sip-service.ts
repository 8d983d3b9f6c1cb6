import type { Driver, Engine } from "../../engine/index.ts";
import type { SipFlow, UserAgent } from "../../sip/index.ts";
import type { Authenticator } from "./authenticate.ts";
import type { GenericRequests } from "./generic-requests.ts";
import type { Lines } from "./lines.ts";
import type { SipListener, SipSettings } from "./settings.ts";
import type { SipTransports } from "./transport/index.ts";

/** What the parts of the SIP module share. */
export interface SipService {
  readonly engine: Engine;
  readonly driver: Driver;
  readonly settings: SipSettings;
  readonly agent: UserAgent;
  readonly transports: SipTransports;
  readonly auth: Authenticator;
  readonly lines: Lines;
  readonly generic: GenericRequests;
  /** The listener that a flow belongs to, for what is set by listener. */
  listenerOf(flow: SipFlow): SipListener | undefined;
  /** Our contact on that flow, as a URI. */
  contactUri(flow: SipFlow, user: string): string;
}
