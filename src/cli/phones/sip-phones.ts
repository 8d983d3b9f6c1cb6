import { YaytsError } from "../../base/index.ts";
import { toBoolean } from "../../engine/index.ts";
import type { EngineConfig } from "../../modules/index.ts";
import type { Arguments } from "../parse-arguments.ts";
import { UsageError } from "../usage-error.ts";
import { withPhones, withSip } from "./phone-config.ts";
import { configuredPhones, type Phone, passwordFault, readPhones } from "./phone-list.ts";
import { findSipPlace, isLoopback, type SipPlace } from "./sip-place.ts";

/** What an engine of the command line has of phones. */
export interface SipPhones {
  /** The engine's configuration with the phones and with SIP in it. */
  readonly config: EngineConfig;
  /** Where phones find it; undefined: nowhere. */
  readonly place: SipPlace | undefined;
  /** Who may register, of the command line and of regfile.conf. */
  readonly phones: readonly Phone[];
}

/** Where phones are wanted. */
export interface SipWish {
  /** Undefined: only where the configuration says. */
  readonly host: string | undefined;
  /** Undefined: 5060, or another when that is taken; 0: any. */
  readonly port: number | undefined;
  /** The option that asked for a place, to be named in errors; undefined when none did. */
  readonly asked: string | undefined;
}

/**
 * Puts the phones of `--phone` and the place of SIP into an engine's configuration.
 * @throws UsageError for a phone or a place that cannot be used, YaytsError `config-invalid` when phones of regfile.conf would be
 * open to everybody, `port-taken`
 */
export async function prepareSipPhones(
  args: Arguments,
  base: EngineConfig,
  wish: SipWish,
): Promise<SipPhones> {
  const given = readPhones(args.texts("phone"));
  const own = configuredPhones(base.regfile);
  let config = withPhones(base, given);
  const configured = configuredPlaces(base);
  if (configured.length > 0 && wish.asked !== undefined)
    throw new UsageError(
      `ysipchan.conf says where SIP is; ${wish.asked} does as well`,
      "leave one of them out",
    );
  let places = configured;
  if (configured.length === 0 && wish.host !== undefined) {
    const place = await findSipPlace(wish.host, wish.port);
    config = withSip(config, place);
    places = [place];
  }
  const open = places.find(({ host }) => !isLoopback(host));
  if (open) {
    refuseOpen(given, open, (text, advice) => new UsageError(text, advice));
    refuseOpen(
      own,
      open,
      (text, advice) => new YaytsError("config-invalid", `regfile.conf: ${text}; ${advice}`),
    );
  }
  return { config, place: open ?? places[0], phones: [...given, ...own] };
}

/** Who can reach the port can try passwords. */
function refuseOpen(
  phones: readonly Phone[],
  { host }: SipPlace,
  errorOf: (text: string, advice: string) => Error,
): void {
  for (const phone of phones) {
    const fault = passwordFault(phone);
    if (fault)
      throw errorOf(
        `phone ${phone.number} ${fault}, and SIP at ${host} is open to the network`,
        "give it a password that cannot be guessed, or listen at 127.0.0.1 only",
      );
  }
}

/** The listeners of a ysipchan.conf, those of UDP first. */
function configuredPlaces(config: EngineConfig): SipPlace[] {
  const sections = (config.ysipchan?.sections ?? []).filter(
    (section) =>
      (section.name === "general" || section.name.startsWith("listener ")) &&
      toBoolean(section.get("enable")) !== false,
  );
  const isUdp = (type: string | undefined): number => (!type || type.toLowerCase() === "udp" ? 0 : 1);
  return sections
    .toSorted((a, b) => isUdp(a.get("type")) - isUdp(b.get("type")))
    .map((section) => ({
      host: section.get("addr") || "0.0.0.0",
      port: Number(section.get("port") || (/^(tls|wss)$/i.test(section.get("type") ?? "") ? 5061 : 5060)),
    }));
}
