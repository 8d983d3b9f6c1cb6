import { readFileSync } from "node:fs";
import { renderSVG } from "uqr";
import { type Clock, type Logger, realClock, silentLogger } from "../base/index.ts";
import type { Yate } from "../bus/index.ts";
import { catalogueRows } from "./catalogue.generated.ts";
import { keptCertificate, machineNames } from "./certificate.ts";
import { isWildcard, urlHost } from "./hosts.ts";
import { createHttpAnswers } from "./http-answers.ts";
import { isLoopback, type Listening, listen } from "./listen.ts";
import { createOnceLinks } from "./once-links.ts";
import { builtPage, createPageFiles } from "./page-files.ts";
import { createPhoneDesk } from "./phone/desk.ts";
import type { PhoneDesk } from "./phone/phone.ts";
import type { CatalogueEntry, EngineFacts, Hello } from "./protocol.ts";
import { createRecordDesk } from "./records/create-record-desk.ts";
import type { RecordDesk } from "./records/record-desk.ts";
import { createSessions } from "./sessions.ts";
import { createSockets } from "./sockets.ts";
import { keptToken, stateFolder } from "./state-folder.ts";
import { makeToken, type Right, tokensOf } from "./token.ts";

/** How to make a console. */
export interface ConsoleOptions {
  /** A connection that is the console's own. It stays the caller's to close. */
  readonly yate: Yate;
  /** Where the engine is, for people. */
  readonly address?: string | undefined;
  /** Breaks that connection for so long, as a page may ask for trying. Default: it cannot be asked for. */
  readonly cutSelf?: ((forMs: number) => void) | undefined;
  /** Default: phones on that connection. The console closes them at its end, and the records. */
  readonly phones?: PhoneDesk | undefined;
  /** Default: what that connection tells. */
  readonly records?: RecordDesk | undefined;
  /**
   * Where browsers reach it. Default 127.0.0.1: this machine only. Anything else is for others too, and over https for them, with a
   * certificate that signs itself.
   */
  readonly host?: string | undefined;
  /** Default: 5040, or the next that is free; 0: any that is free. */
  readonly port?: number | undefined;
  /** The address that others use, for the link of a second phone. Default: `host`; none for one that stands for all addresses. */
  readonly shownHost?: string | undefined;
  /**
   * What the console is for (an app's file, an engine's address): its link is the same the next time it is started for that. Default: a
   * link for this time only.
   */
  readonly keptFor?: string | undefined;
  /** Where tokens and the certificate are kept. Default: of this user, see {@link stateFolder}. */
  readonly folder?: string | undefined;
  /** The built page. Default: the package's own. */
  readonly page?: string | undefined;
  /** Numbers worth calling, before those that the apps name. */
  readonly targets?: readonly string[] | undefined;
  /** Keeps the sound of all calls from the beginning. Default false: of none, unless a page asks. */
  readonly keepSound?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** Default: silent. */
  readonly log?: Logger | undefined;
}

/** A running console. */
export interface Console {
  /** The link that opens it, with the token for everything in it. */
  readonly url: string;
  /** The link for looking only. */
  readonly viewUrl: string;
  /** The link that others in the network can open; undefined when they cannot. */
  readonly secondPhone: string | undefined;
  /** Whether the link is the one of an earlier time, so that a page which was left open comes back by itself. */
  readonly linkIsKnown: boolean;
  /** The engine, as far as it is known. */
  readonly engine: EngineFacts;
  /** Pages that are there now. */
  readonly pages: number;
  /**
   * A link that works once and within a minute, for a program that opens a browser: what programs are started with can be read by
   * other users of the machine.
   */
  linkForOnce(): string;
  /** Tells its pages that it ends, and ends. The connection to the engine stays. */
  close(): Promise<void>;
}

const loopback = "127.0.0.1";

/**
 * Starts the console: the web server of its page.
 * @throws YaytsError `port-taken` when the port that was wanted is taken, `bad-argument` when the host is not this machine's
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { yate, clock = realClock, log = silentLogger } = options;
  const host = options.host === undefined || options.host === "localhost" ? loopback : options.host;
  const folder = options.folder ?? stateFolder();
  const { token, known } =
    options.keptFor === undefined
      ? { token: makeToken(), known: false }
      : await keptToken(folder, options.keptFor, log);
  const tokens = tokensOf(token);
  const open = !isLoopback(host);
  const names = open ? machineNames(host) : [];
  const certificate = open ? await keptCertificate(folder, names, log) : undefined;
  const links = createOnceLinks(tokens, clock);
  const files = createPageFiles(options.page ?? builtPage());

  const isTaken = (number: string): boolean => records.targets.includes(number);
  const phones = options.phones ?? createPhoneDesk({ yate, clock, log, cutSelf: options.cutSelf, isTaken });
  const records =
    options.records ??
    createRecordDesk({ yate, address: options.address, clock, log, listen: phones.listen?.bind(phones) });
  const closeDesks = async (): Promise<void> => {
    await Promise.all([phones.close(), records.close()]);
  };
  const sessions = createSessions(phones);
  let keepsSound = options.keepSound === true;
  let secondPhone: Hello["secondPhone"];
  const hello = (right: Right): Omit<Hello, "phone"> => ({
    version: packageVersion(),
    engine: records.facts,
    secondPhone: right === "full" ? secondPhone : undefined,
    catalogue,
    targets: [...new Set([...(options.targets ?? []), ...records.targets])],
    keepsSound,
    viewOnly: right === "view",
  });
  const onKeepSound = (on: boolean): void => {
    keepsSound = on;
  };
  const services = { phones, records, sessions, hello, onKeepSound, clock, log };
  const sockets = createSockets({ tokens, names, services });
  let listening: Listening;
  try {
    if (keepsSound) await records.ask("sound.keep", { on: true });
    listening = await listen({
      host,
      port: options.port,
      certificate,
      onRequest: createHttpAnswers({ files, names, takeLink: links.take, log }),
      onUpgrade: sockets.upgrade,
    });
  } catch (error) {
    await closeDesks();
    throw error;
  }
  const { port } = listening;
  const near = `http://${urlHost(isLoopback(host) ? host : loopback, port)}/`;
  const far = options.shownHost ?? (isWildcard(host) ? undefined : host);
  if (open && far !== undefined && !isLoopback(far)) {
    const url = `https://${urlHost(far, port)}/#token=${tokens.full}`;
    secondPhone = { url, qrSvg: renderSVG(url, { ecc: "M", border: 2 }) };
  }
  return {
    url: `${near}#token=${tokens.full}`,
    viewUrl: `${near}#token=${tokens.view}`,
    secondPhone: secondPhone?.url,
    linkIsKnown: known,
    get engine() {
      return records.facts;
    },
    get pages() {
      return sessions.size;
    },
    linkForOnce: () => new URL(links.make(), near).href,
    async close() {
      await sockets.close();
      await Promise.all([listening.close(), closeDesks()]);
    },
  };
}

const catalogue: readonly CatalogueEntry[] = catalogueRows.map(([name, about, params]) => ({
  name,
  about,
  params: params.map(([param, what]) => ({ name: param, about: what })),
}));

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof content === "object" && content && "version" in content ? String(content.version) : "";
}
