import { codeLines } from "../phones/phone-code.ts";
import type { Style } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import type { ConsoleLinks } from "./console-messages.ts";

/** Says where the console is. @param code shows a code for a second phone to scan, when others reach the console */
export function showConsole(
  { url, viewUrl, secondPhone }: ConsoleLinks,
  { err, errStyle: style, verbose }: Terminal,
  code: boolean,
): void {
  const say = (text: string): void => err(`${style.dim("·")} ${text}`);
  say(`console at ${style.bold(url)}`);
  if (verbose) say(`to look only: ${viewUrl}`);
  if (secondPhone === undefined) return;
  if (code) for (const line of codeLines(secondPhone)) err(line);
  say(secondPhoneLine(secondPhone, style));
}

function secondPhoneLine(url: string, style: Style): string {
  return `console elsewhere, as for a second phone: ${style.bold(url)} (the browser warns of the certificate, which is this machine's own; accept it once)`;
}
