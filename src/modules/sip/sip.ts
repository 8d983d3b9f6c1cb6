import { readFileSync } from "node:fs";
import { errorText, YaytsError } from "../../base/index.ts";
import type { Driver, EngineModule } from "../../engine/index.ts";
import { type OpusLibrary, opusLibrary } from "../opus.ts";
import { createTap, type Tap } from "../trace/index.ts";
import { readSipSettings, type SipListener, type SipSettings } from "./settings.ts";
import { SipChannel } from "./sip-channel.ts";
import type { SipService } from "./sip-service.ts";
import { startSipService } from "./start-service.ts";
import {
  createSipTransports,
  type SipListenerAddress,
  type SipListenerOptions,
  type SipTransportFigures,
  type TlsClientOptions,
} from "./transport/index.ts";

/** What was counted, and what there is now: a SIP engine that is attacked shows it here. */
export interface SipFigures extends SipTransportFigures {
  readonly transactions: number;
  /** Calls that have not ended. */
  readonly sessions: number;
}

/** The SIP module, and where it listens once it has started. */
export interface SipModule extends EngineModule {
  readonly addresses: ReadonlyMap<string, SipListenerAddress>;
  /** Undefined when the engine has no SIP. */
  readonly figures: SipFigures | undefined;
}

/** How to make the module. */
export interface SipModuleOptions {
  /** Where Opus comes from; the RTP module must have the same. Default: the package `@evan/opus`, if it is there. */
  readonly opus?: OpusLibrary | undefined;
  /** Is told of every message on the wire. Default: nobody is. */
  readonly tap?: Tap | undefined;
}

/**
 * Phones and trunks (spec/sip.md). It listens where `ysipchan.conf` says; without that file, or with no listener in it, the engine has
 * no SIP.
 */
export function sip({ opus = opusLibrary, tap = createTap() }: SipModuleOptions = {}): SipModule {
  const addresses = new Map<string, SipListenerAddress>();
  let running: SipService | undefined;
  return {
    name: "ysipchan",
    addresses,
    get figures() {
      if (!running) return undefined;
      const { agent, transports } = running;
      return { ...transports.figures, transactions: agent.transactions, sessions: agent.sessions.size };
    },
    async start(engine) {
      if (engine.config("ysipchan").sections.length === 0) return;
      const report = (text: string): void => engine.log.warn(`ysipchan.conf: ${text}`);
      const wanted = readSipSettings(engine, report);
      if (wanted.listeners.length === 0) return;
      const settings = { ...wanted, formats: await usableFormats(wanted, opus, report) };
      let service: SipService | undefined;
      const transports = await createSipTransports({
        clock: engine.clock,
        log: engine.log,
        listeners: settings.listeners.map(listenerOptions),
        tls: tlsClient(settings),
        tap,
        ...(settings.floodRate === 0 ? { flood: false } : { flood: floodLimits(settings.floodRate) }),
        onMessage: (message, flow) => service?.agent.receive(message, flow),
      });
      for (const [name, address] of transports.addresses) addresses.set(name, address);
      engine.own(async () => {
        await transports.stop();
        // Nothing can be sent or come any more: what waited for it need not keep the process alive.
        service?.agent.close();
      });
      service = startSipService(engine, settings, transports);
      running = service;
      const { driver, lines } = service;
      tap.channelOfCall = (callId) => channelOfCall(driver, callId);
      tap.registrations.push(() => lines.entries);
    },
  };
}

function channelOfCall({ channels }: Driver, callId: string): string {
  for (const channel of channels.values())
    if (channel instanceof SipChannel && channel.session?.callId === callId) return channel.id;
  return "";
}

/** Without its package nobody is offered Opus; who asked for it is told. */
async function usableFormats(
  { formats, opusAsked }: SipSettings,
  opus: OpusLibrary,
  report: (text: string) => void,
): Promise<readonly string[]> {
  if (!formats.includes("opus") || (await opus.load())) return formats;
  if (opusAsked) report(`[codecs] ${opus.missing}`);
  return formats.filter((format) => format !== "opus");
}

function listenerOptions({ name, transport, host, port, tls }: SipListener): SipListenerOptions {
  return {
    name,
    transport: transport.toLowerCase() as Lowercase<typeof transport>,
    host,
    port,
    ...(tls ? { tls: { cert: pem(tls.certificate), key: pem(tls.key) } } : {}),
  };
}

function tlsClient({ tlsClient: { verify, authorities } }: SipSettings): TlsClientOptions {
  return { verify, ...(authorities === undefined ? {} : { ca: pem(authorities) }) };
}

function pem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new YaytsError(
      "config-invalid",
      `the certificate or key ${path} cannot be read: ${errorText(cause)}`,
      {
        cause,
      },
    );
  }
}

function floodLimits(perSecond: number) {
  const rate = { perSecond, burst: perSecond * 2 };
  const dialog = { perSecond: perSecond * 10, burst: perSecond * 20 };
  return { invite: rate, register: rate, other: rate, dialog };
}
