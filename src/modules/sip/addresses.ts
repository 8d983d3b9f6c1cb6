import { formatUri, parseUri } from "../../sip/index.ts";

/** Whether an address is one of a private network (RFC 1918, RFC 4193, link-local, loopback). */
export function isPrivateAddress(host: string): boolean {
  return (
    /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host) ||
    /^(::1$|f[cd]|fe[89ab])/i.test(host)
  );
}

/** A URI that is to be reached over `transport` (udp, tcp, tls, in any case), unless it names one itself. */
export function withTransport(text: string, transport: string | undefined): string {
  const uri = transport ? parseUri(text) : undefined;
  if (!transport || !uri || uri.params.has("transport")) return text;
  return formatUri({ ...uri, params: new Map([...uri.params, ["transport", transport.toLowerCase()]]) });
}
