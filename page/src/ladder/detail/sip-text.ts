/** A SIP message in its parts. */
export interface SipParts {
  readonly first: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly bodyType: string;
}

/** Splits a message; a folded header (RFC 3261 7.3.1) becomes one line. What is no header is kept with an empty name. */
export function splitSip(text: string): SipParts {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end ? text.slice(0, end.index) : text;
  const body = end ? text.slice(end.index + end[0].length) : "";
  const [first = "", ...lines] = head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const headers = lines
    .filter((line) => line !== "")
    .map((line): readonly [string, string] => {
      const colon = line.indexOf(":");
      return colon < 0 ? ["", line] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
  const bodyType = headers.find(([name]) => /^(?:content-type|c)$/i.test(name))?.[1] ?? "";
  return { first, headers, body: body.trimEnd(), bodyType };
}

/** What a session description offers, in a few words: `audio 4000: PCMA, telephone-event, sendrecv`. */
export function sdpWords(sdp: string): string {
  const lines = sdp.split(/\r?\n/);
  const media = lines
    .filter((line) => line.startsWith("m="))
    .map((line) => line.slice(2).split(" ").slice(0, 2).join(" "));
  const formats = lines.flatMap((line) => /^a=rtpmap:\d+ ([^/]+)/.exec(line)?.[1] ?? []);
  const way = lines.find((line) => /^a=(?:sendrecv|sendonly|recvonly|inactive)$/.test(line))?.slice(2);
  return [media.join("; "), [...new Set(formats)].join(", "), way].filter(Boolean).join(" · ");
}

/** Headers that one looks for first. */
export function isChief(name: string): boolean {
  return /^(?:from|f|to|t|call-id|i|cseq|via|v|contact|m|refer-to|r|reason|www-authenticate|proxy-authenticate)$/i.test(
    name,
  );
}
