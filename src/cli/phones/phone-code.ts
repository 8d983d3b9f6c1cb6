import { encode } from "uqr";
import type { Phone } from "./phone-list.ts";

/** What a code is made for. There is no format that all softphones scan. */
export type CodeFormat = "linphone" | "wave";

/**
 * A QR code for a terminal: two rows of it a line, black on white whatever the terminal's colours are, since not every phone
 * reads an inverted one.
 */
export function codeLines(text: string): string[] {
  const { data } = encode(text, { ecc: "M", border: 2 });
  const lines: string[] = [];
  for (let row = 0; row < data.length; row += 2) {
    const [upper = [], lower = []] = [data[row], data[row + 1]];
    const cells = upper.map((dark, column) => {
      const below = lower[column] ?? false;
      if (dark) return below ? "█" : "▀";
      return below ? "▄" : " ";
    });
    lines.push(`\x1b[30;107m${cells.join("")}\x1b[0m`);
  }
  return lines;
}

/** The account as Grandstream Wave scans it: all of it is in the code, the password too. */
export function waveAccount(phone: Phone, server: string): string {
  const fields = {
    RegisterServer: server,
    UserID: phone.number,
    AuthID: phone.number,
    AuthPass: phone.password,
    AccountName: phone.number,
    DisplayName: phone.number,
  };
  const list = Object.entries(fields).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8"?><AccountConfig version="1"><Account>${list.join("")}</Account></AccountConfig>`;
}

/** The account as Linphone loads it from a URL (its remote provisioning; keys of linphonerc). */
export function linphoneAccount(phone: Phone, host: string, server: string): string {
  const proxy = `<sip:${server};transport=udp>`;
  const sections = {
    sip: { default_proxy: "0" },
    proxy_0: {
      reg_identity: `<sip:${phone.number}@${server}>`,
      reg_proxy: proxy,
      reg_route: `<sip:${server};transport=udp;lr>`,
      reg_expires: "600",
      reg_sendregister: "1",
      publish: "0",
    },
    auth_info_0: { username: phone.number, passwd: phone.password, domain: host },
  };
  const lines = Object.entries(sections).flatMap(([name, entries]) => [
    `  <section name="${name}">`,
    ...Object.entries(entries).map(
      ([key, value]) => `    <entry name="${key}" overwrite="true">${escapeXml(value)}</entry>`,
    ),
    "  </section>",
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">',
    ...lines,
    "</config>",
    "",
  ].join("\n");
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
