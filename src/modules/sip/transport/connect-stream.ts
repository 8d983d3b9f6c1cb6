import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { YaytsError } from "../../../base/index.ts";
import { formatAddress, type SipAddress, type SipFlow } from "../../../sip/index.ts";
import { openStream, type TransportHub } from "./stream-connection.ts";
import { connectFailure } from "./transport-errors.ts";
import type { TlsClientOptions } from "./transport-options.ts";

/**
 * Makes a connection to an address.
 * @throws YaytsError `peer-unreachable`, which says why
 */
export async function connectStream(
  transport: "TCP" | "TLS",
  remote: SipAddress,
  localHost: string | undefined,
  serverName: string,
  tls: TlsClientOptions,
  hub: TransportHub,
): Promise<SipFlow> {
  const where = `SIP peer ${formatAddress(remote)} over ${transport}`;
  const socket = begin(transport, remote, localHost, serverName, tls);
  const { clock, limits } = hub;
  try {
    await new Promise<void>((resolve, reject) => {
      const late = clock.after(limits.connectMs, () =>
        reject(new YaytsError("peer-unreachable", `${where}: no connection within ${limits.connectMs} ms`)),
      );
      const settle = (then: () => void) => {
        late.cancel();
        then();
      };
      socket.once(transport === "TLS" ? "secureConnect" : "connect", () => settle(resolve));
      socket.once("error", (error) => settle(() => reject(error)));
      socket.once("close", () => settle(() => reject(new Error("it closed the connection"))));
    });
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw connectFailure(where, error);
  }
  const origin = { accepted: false, ...(transport === "TLS" && { serverName }) };
  const flow = openStream(socket, transport, hub, origin, () => {});
  if (!flow) throw new YaytsError("peer-unreachable", `${where}: it closed the connection`);
  return flow;
}

function begin(
  transport: "TCP" | "TLS",
  { host, port }: SipAddress,
  localAddress: string | undefined,
  serverName: string,
  { ca, verify = true, identity }: TlsClientOptions,
): Socket {
  const at = { host, port, ...(localAddress !== undefined && { localAddress }) };
  if (transport === "TCP") return connectTcp(at);
  return connectTls({
    ...at,
    ...identity,
    ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    // An address cannot be named in the handshake (RFC 6066 §3), but the certificate must be for it all the same.
    ...(isIP(serverName) ? {} : { servername: serverName }),
    rejectUnauthorized: verify,
    minVersion: "TLSv1.2",
  });
}
