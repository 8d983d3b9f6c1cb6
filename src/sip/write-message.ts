import { encodeText } from "../base/index.ts";
import { oneLine } from "./headers.ts";
import type { SipMessage } from "./message.ts";

/**
 * The bytes of a message. Fields that came from the wire go out as they came, others as `Name: value`; Content-Length says how
 * long the body is. A message that was not changed has the bytes it came with. Line ends in fields become spaces.
 */
export function formatSipMessage(message: SipMessage): Uint8Array {
  const start =
    message.kind === "request"
      ? `${message.method} ${message.uri} SIP/${message.version}`
      : `SIP/${message.version} ${message.status} ${message.reason}`;
  const head = encodeText(`${oneLine(start)}\r\n${message.headers.toWire(message.body.length)}`);
  if (message.body.length === 0) return head;
  const bytes = new Uint8Array(head.length + message.body.length);
  bytes.set(head);
  bytes.set(message.body, head.length);
  return bytes;
}
