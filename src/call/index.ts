/**
 * call: the level at which people write phone apps, one async function a call. Made of nothing but the `Yate` interface and
 * the RTP attachment, so that it works on every engine.
 *
 * May import: base, bus, flow, rtp, media.
 */
export {};
