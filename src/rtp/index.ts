/**
 * rtp: the protocol cores of sound on the network. RTP and RTCP packets (RFC 3550), keys as events (RFC 4733), the playout
 * buffer with its figures, and SRTP (RFC 3711). Bytes and the time in, bytes out: no socket, no timer.
 *
 * May import: base, media.
 */
export {};
