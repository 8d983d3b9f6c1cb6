import { createCipheriv, createHmac } from "node:crypto";
import type { SrtpPrimitives } from "../../rtp/index.ts";

/** The system's crypto, as SRTP wants it (RFC 3711 §4). */
export const srtpPrimitives: SrtpPrimitives = {
  aesCtr: (key, iv, data) => createCipheriv("aes-128-ctr", key, iv).update(data),
  hmacSha1(key, ...parts) {
    const hmac = createHmac("sha1", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
};
