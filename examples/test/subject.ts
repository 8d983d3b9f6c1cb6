import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { type ConfigFile, createEngine, parseConfig } from "yayts/engine";

/** An engine that a suite runs its app and its callers on. */
export interface Subject {
  /** A new connection to it. */
  connect(): Promise<Yate>;
  stop(): Promise<void>;
}

/** An engine that takes SIP, where 100, 200 and 300 may register with the password `secret` and their number. */
export interface SipSubject extends Subject {
  /** `host:port` of SIP over UDP. */
  readonly sip: string;
}

/** `regfile.conf` of a {@link SipSubject}. */
export const phoneUsers: string = ["100", "200", "300"]
  .map((number) => `[${number}]\npassword=secret${number}\n`)
  .join("");

/**
 * Sound waits so long before it is played that a machine busy with other tests does not break it: what is heard is compared with
 * what was said.
 */
export const patientRtp: ConfigFile = parseConfig("[general]\nminjitter=80\n", "yrtpchan.conf");

/** The embedded engine, in this process. */
export async function embedded(): Promise<Subject> {
  const engine = await createEngine();
  return { connect: async () => engine.connect(), stop: () => engine.stop() };
}

/** The embedded engine, reached over TCP as any engine is. */
export async function embeddedOverTcp(): Promise<Subject> {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop() };
}

/** The embedded engine with phones. */
export async function embeddedSip(): Promise<SipSubject> {
  const engine = await createEngine({
    config: {
      ysipchan: parseConfig("[general]\naddr=127.0.0.1\nport=0\n", "ysipchan.conf"),
      regfile: parseConfig(phoneUsers, "regfile.conf"),
      yrtpchan: patientRtp,
    },
  });
  const { host, port } = engine.sip.get("general") ?? { host: "", port: 0 };
  return {
    connect: async () => engine.connect(),
    sip: `${host}:${port}`,
    stop: () => engine.stop(),
  };
}
