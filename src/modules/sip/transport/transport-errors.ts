import { errorText, YaytsError } from "../../../base/index.ts";
import { formatAddress } from "../../../sip/index.ts";
import type { SipListenerOptions } from "./transport-options.ts";

/** The error's code of the system or of OpenSSL, such as `EADDRINUSE`. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Why a listener cannot listen. */
export function listenFailure(options: SipListenerOptions, cause: unknown): YaytsError {
  if (cause instanceof YaytsError) return cause;
  const at = `SIP listener ${options.name} cannot have ${options.transport} ${formatAddress(options)}`;
  switch (systemCode(cause)) {
    case "EADDRINUSE":
      return new YaytsError("port-taken", `${at}: another program listens there; choose another port`, {
        cause,
      });
    case "EADDRNOTAVAIL":
      return new YaytsError("config-invalid", `${at}: this machine has no such address`, { cause });
    case "EACCES":
      return new YaytsError("config-invalid", `${at}: the system does not allow that port`, { cause });
    default:
      return new YaytsError("config-invalid", `${at}: ${errorText(cause)}`, { cause });
  }
}

/** Why a peer cannot be connected to. */
export function connectFailure(where: string, cause: unknown): YaytsError {
  if (cause instanceof YaytsError) return cause;
  return new YaytsError("peer-unreachable", `${where}: ${connectReason(cause)}`, { cause });
}

function connectReason(cause: unknown): string {
  const code = systemCode(cause);
  switch (code) {
    case "ECONNREFUSED":
      return "nobody listens there";
    case "ETIMEDOUT":
      return "no answer";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "there is no route to it";
    case "ECONNRESET":
    case "EPIPE":
      return "it closed the connection";
    case "EADDRNOTAVAIL":
      return "the local address to connect from is not one of this machine";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_GET_ISSUER_CERT":
      return `its certificate is not from an authority that is trusted here (${code}); give that one as \`ca\``;
    case "CERT_HAS_EXPIRED":
      return "its certificate has expired";
    case "CERT_NOT_YET_VALID":
      return "its certificate is not valid yet";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `its certificate is for another name: ${errorText(cause)}`;
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return `it does not speak TLS (${code})`;
    default:
      return errorText(cause);
  }
}
