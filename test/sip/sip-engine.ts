import {
  createEngine,
  type EmbeddedEngine,
  type EngineConfig,
  parseConfig,
} from "../../src/modules/index.ts";

/** An embedded engine that speaks SIP on a port of its own, and takes apps of role global. */
export interface SipEngine extends AsyncDisposable {
  readonly embedded: EmbeddedEngine;
  /** `127.0.0.1:port` of its UDP listener. */
  readonly sip: string;
  readonly sipPort: number;
  /** `127.0.0.1:port` of its external-module listener. */
  readonly apps: string;
}

/** What a test changes: the text of configuration files by their name. */
export type ConfigTexts = Readonly<Record<string, string>>;

/** @param texts configuration files beside `ysipchan`, or in its place. */
export async function startSipEngine(texts: ConfigTexts = {}): Promise<SipEngine> {
  const files: ConfigTexts = { ysipchan: "[general]\naddr=127.0.0.1\nport=0\n", ...texts };
  const config: EngineConfig = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, parseConfig(text, name)]),
  );
  const embedded = await createEngine({
    config,
    extmodule: { listeners: [{ name: "global", port: 0, role: "global" }] },
  });
  const udp = embedded.sip.get("general");
  if (!udp) throw new Error("the engine does not listen for SIP");
  return {
    embedded,
    sip: `${udp.host}:${udp.port}`,
    sipPort: udp.port,
    apps: embedded.addresses.get("global")?.replace("tcp://", "") ?? "",
    [Symbol.asyncDispose]: () => embedded.stop(),
  };
}
