import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { errorText, type Logger, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { createEngine } from "../../modules/index.ts";
import { parseUri } from "../../sip/index.ts";
import { loadPrompts } from "../../testing/index.ts";
import { withPatientSound, withSip } from "../phones/phone-config.ts";
import { findSipPlace } from "../phones/sip-place.ts";
import { UsageError } from "../usage-error.ts";

/** An engine of the command's own, for one call to a SIP address. */
export interface OwnEngine {
  readonly yate: Yate;
  /** Ends the call and the engine; what SIP has to say of it is sent before. */
  stop(): Promise<void>;
}

/** Whether the target is a SIP address rather than a number. */
export function isSipTarget(target: string): boolean {
  return /^sips?:/i.test(target);
}

/**
 * Starts an engine that speaks SIP from the address of this machine that reaches the target, at any free port.
 * @throws UsageError for an address that is none, YaytsError `bad-argument` when there is no way to its host
 */
export async function startSipCaller(target: string, log: Logger): Promise<OwnEngine> {
  const uri = parseUri(target);
  if (!uri?.host || uri.scheme !== "sip")
    throw new UsageError(
      `yayts call cannot call ${target}`,
      "a SIP address is sip:USER@HOST or sip:USER@HOST:PORT",
    );
  const place = await findSipPlace(await ownAddress(uri.host.replace(/^\[|\]$/g, "")), 0);
  // What is heard is compared with the prompts. They are read now, for meanwhile this process would play no sound.
  await loadPrompts();
  const engine = await createEngine({ config: withPatientSound(withSip({}, place)), log });
  // A route rather than a target: the caller's ears are open before the call is placed.
  await engine.yate.handle("call.route", { filter: { called: target } }, () => `sip/${target}`).ready;
  return { yate: engine.connect(), stop: () => engine.stop() };
}

/** The address that packets to the host leave from. Nothing is sent. */
async function ownAddress(host: string): Promise<string> {
  const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
  try {
    socket.connect(5060, host);
    await once(socket, "connect");
    return socket.address().address;
  } catch (error) {
    throw new YaytsError("bad-argument", `there is no way to ${host}: ${errorText(error)}`, { cause: error });
  } finally {
    socket.close();
  }
}
