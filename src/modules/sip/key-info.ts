import type { SipRequest } from "../../sip/index.ts";

const byNumber = "0123456789*#ABCDF";

/**
 * The key that an INFO carries, as `application/dtmf-relay` with a line `Signal=`, or as `application/dtmf` (spec/sip.md §7):
 * 0 to 16 in decimal (10 `*`, 11 `#`, 12 to 15 A to D, 16 `F`) or the character itself. Undefined when it carries none.
 */
export function keyOfInfo(request: SipRequest): string | undefined {
  const type = (request.headers.get("Content-Type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
  const body = new TextDecoder().decode(request.body.subarray(0, 200));
  let text: string | undefined;
  if (type === "application/dtmf-relay") text = /^\s*Signal\s*=\s*(\S+)/im.exec(body)?.[1];
  else if (type === "application/dtmf") text = body.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,2}$/.test(text)) return byNumber[Number(text)];
  const key = text.toUpperCase();
  return key.length === 1 && byNumber.includes(key) ? key : undefined;
}

/** The body of an INFO for one key; undefined for what is not one. */
export function infoOfKey(key: string): { readonly type: string; readonly bytes: Uint8Array } | undefined {
  const number = byNumber.indexOf(key.toUpperCase());
  if (number < 0 || key.length !== 1) return undefined;
  return { type: "application/dtmf-relay", bytes: new TextEncoder().encode(`Signal=${number}\r\n`) };
}
