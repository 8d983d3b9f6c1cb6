import { isToken } from "./parameters.ts";

/** The first line of a message. */
export type StartLine =
  | { readonly kind: "request"; readonly method: string; readonly uri: string; readonly version: string }
  | { readonly kind: "response"; readonly status: number; readonly reason: string; readonly version: string };

/**
 * Reads a start line without its line end; a text says why it is none. What is wrong in a request line but can be answered
 * stays where it stands: white space too much in `uri` or behind `version`, so that it goes out again as it came.
 */
export function parseStartLine(line: string): StartLine | string {
  if (line.charCodeAt(3) === 47 && /^SIP\//i.test(line)) {
    const [, version, digits, reason] = /^SIP\/(\d+\.\d+) (\d+)(?: (.*))?$/i.exec(line) ?? [];
    if (version === undefined || digits === undefined) return "neither a request line nor a status line";
    const status = Number(digits);
    if (digits.length !== 3 || status < 100 || status > 699)
      return `no status code is ${digits.slice(0, 20)}`;
    return { kind: "response", status, reason: reason ?? "", version };
  }
  const methodEnd = line.indexOf(" ");
  let versionAt = line.lastIndexOf(" SIP/");
  if (versionAt < 0) versionAt = line.search(/ sip\/\d+\.\d+\s*$/i); // RFC 3261 §7.1: in any case
  if (methodEnd <= 0 || versionAt <= methodEnd) return "neither a request line nor a status line";
  const version = line.slice(versionAt + 5);
  if (version !== "2.0" && !/^\d+\.\d+\s*$/.test(version)) return "no SIP version ends the request line";
  const method = line.slice(0, methodEnd);
  if (!isToken(method)) return "the method is no token";
  return { kind: "request", method, uri: line.slice(methodEnd + 1, versionAt), version };
}
