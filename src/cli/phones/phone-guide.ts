import { formatHostPort } from "../../sip/index.ts";
import type { Style } from "../style.ts";
import { type CodeFormat, codeLines, linphoneAccount, waveAccount } from "./phone-code.ts";
import type { Phone } from "./phone-list.ts";
import { type Provisioning, startProvisioning } from "./provisioning.ts";
import { isLoopback, type SipPlace, shownHost } from "./sip-place.ts";

/** Most codes that are shown: more do not fit on a screen. */
const maxCodes = 3;

/** The text that tells how to point a phone at the engine. */
export interface GuideOptions {
  readonly place: SipPlace;
  readonly phones: readonly Phone[];
  /** A number that can be called without being registered, if one is known. */
  readonly target: string | undefined;
  readonly style: Style;
  /** Whether passwords are shown; where the text is kept they should not be. */
  readonly secrets: boolean;
  /** How the place is spoken to, as in UDP. The first one is what phones are told to use. */
  readonly transports: readonly string[];
  /** The option that lets other machines in. */
  readonly opening: string;
}

/** The transports at a place, of all that an engine listens with. */
export function transportsAt(
  place: SipPlace,
  listeners: Iterable<{ readonly transport: string; readonly port: number }>,
): string[] {
  const here = [...listeners].filter(({ port }) => port === place.port);
  return [...new Set(here.map(({ transport }) => transport.toUpperCase()))];
}

/** One line for the place and one for each phone. */
export function guideLines(options: GuideOptions): string[] {
  const { place, phones, target, style, secrets, transports, opening } = options;
  const server = formatHostPort(shownHost(place), place.port);
  const lines = [`SIP at ${style.bold(server)}, ${transports.join(" and ")}`];
  for (const { number, password } of phones) {
    const shown = secrets ? ` ${style.bold(password)}` : " as configured";
    const secret = password === "" ? "no password" : `password${shown}`;
    lines.push(
      `phone ${number}: server (domain) ${style.bold(server)}, user ${style.bold(number)}, ${secret}, transport ${transports[0] ?? "UDP"}`,
    );
  }
  const where = isLoopback(place.host) ? "a softphone on this machine" : "any phone";
  if (target !== undefined)
    lines.push(
      `${where} can call sip:${target}@${server}; an account is needed only if the app asks for one`,
    );
  if (phones.length === 0) lines.push("--phone 100:PASSWORD lets a phone register as 100");
  if (isLoopback(place.host)) lines.push(`phones elsewhere in the network need an address of it: ${opening}`);
  return lines;
}

/** Codes for phones to scan, and what must run for them. */
export interface PhoneCodes {
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** Makes the codes of the phones. Those for Linphone are URLs, so a small web server runs until `close`. */
export async function createCodes(
  format: CodeFormat,
  { place, phones, style }: Pick<GuideOptions, "place" | "phones" | "style">,
): Promise<PhoneCodes> {
  const host = shownHost(place);
  const server = formatHostPort(host, place.port);
  const shown = phones.filter(({ password }) => password !== "").slice(0, maxCodes);
  const documents = new Map(shown.map((phone) => [phone.number, linphoneAccount(phone, host, server)]));
  const provisioning: Provisioning | undefined =
    format === "linphone" && shown.length > 0 ? await startProvisioning(place.host, documents) : undefined;
  const lines = shown.flatMap((phone) => {
    const url = provisioning?.urls.get(phone.number);
    const text = url ?? waveAccount(phone, server);
    const app = url === undefined ? "Grandstream Wave" : "Linphone (account by QR code)";
    const more =
      url === undefined ? "the password is in it" : `or load ${url} as its remote configuration; 15 minutes`;
    return [...codeLines(text), `${style.bold(`phone ${phone.number}`)}: scan with ${app}, ${more}`];
  });
  const left = phones.length - shown.length;
  if (left > 0 && shown.length > 0) lines.push(`${left} more without a code`);
  return { lines, close: async () => await provisioning?.close() };
}
