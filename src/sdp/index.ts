/**
 * sdp: session descriptions (RFC 8866) and the offer/answer model (RFC 3264), as far as calls with sound need them. Text in,
 * values out, and back; no socket, no clock.
 *
 * May import: base.
 */
export {};
