import type { Engine, EngineMessage } from "../../engine/index.ts";
import { type DigestServer, formatAddress, type SipFlow, type SipRequest } from "../../sip/index.ts";
import { appendSource, partyOf } from "./request-params.ts";

/** What `user.auth` is asked about beside the request itself. */
export interface AuthSubject {
  /** The channel, if the request is about one. */
  readonly id?: string | undefined;
  readonly number?: string | undefined;
  readonly caller?: string | undefined;
  readonly called?: string | undefined;
  readonly billid?: string | undefined;
  readonly expires?: number | undefined;
}

/** Who sent a request, as far as handlers of `user.auth` know (spec/sip.md §3). */
export type AuthResult = {
  /** The message after its dispatch: what handlers added is passed on. */
  readonly message: EngineMessage;
} & (
  | {
      readonly kind: "user";
      readonly username: string;
      /** Of the nonce, in seconds. */
      readonly ageSec: number | undefined;
    }
  /** The credentials were right, and too old: the user to be asked again. */
  | { readonly kind: "stale"; readonly username: string }
  | { readonly kind: "unknown"; readonly failed: boolean }
  | { readonly kind: "refused" }
);

export interface Authenticator {
  authenticate(request: SipRequest, flow: SipFlow, subject: AuthSubject): Promise<AuthResult>;
  /** The header fields of a 401. */
  challenges(options: {
    readonly stale: boolean;
    readonly domain?: string | undefined;
  }): readonly (readonly [name: string, value: string])[];
}

export function createAuthenticator(engine: Engine, digest: DigestServer): Authenticator {
  return {
    challenges: (options) => digest.challenges(options).map((value) => ["WWW-Authenticate", value] as const),
    async authenticate(request, flow, subject) {
      const credentials = digest.credentials(request.headers.all("Authorization"));
      const from = partyOf(request.headers.get("From"));
      const message = engine.message("user.auth", { protocol: "sip" });
      const { params } = message;
      if (credentials) {
        params
          .append("username", credentials.username)
          .append("realm", credentials.realm)
          .append("nonce", credentials.nonce)
          .append("response", credentials.response);
      }
      params.append("method", request.method).append("uri", credentials?.uri ?? request.uri);
      appendSource(params, flow);
      params
        .append("newcall", request.method === "INVITE" && !/;\s*tag=/i.test(request.headers.get("To") ?? ""))
        .append("domain", from.domain)
        .append("device", request.headers.get("User-Agent") ?? "");
      for (const name of ["id", "number", "caller", "called", "billid", "expires"] as const) {
        const value = subject[name];
        if (value !== undefined) params.append(name, value);
      }
      const asked = params.clone();
      if (!(await engine.kernel.dispatch(message))) return { kind: "unknown", failed: false, message };
      const password = message.retvalue;
      if (password === "-") return { kind: "refused", message };
      if (password === "") {
        const username = message.get("username") ?? "";
        return { kind: "user", username, ageSec: undefined, message };
      }
      if (!credentials) return { kind: "unknown", failed: false, message };
      const verdict = digest.verify({
        credentials,
        request,
        password,
        from: `${flow.id} ${formatAddress(flow.remote)}`,
      });
      switch (verdict.kind) {
        case "right":
          return { kind: "user", username: credentials.username, ageSec: verdict.ageSec, message };
        case "stale":
        case "replay":
          return { kind: "stale", username: credentials.username, message };
        case "wrong":
          engine.enqueue("user.authfail", asked);
          return { kind: "unknown", failed: true, message };
      }
    },
  };
}
