/** The part of `sdp-transform` 3 (which has no types of its own) that this layer uses. */
declare module "sdp-transform" {
  export interface SdpText {
    version?: number;
    origin?: {
      username: string | number;
      sessionId: string | number;
      sessionVersion: string | number;
      netType: string;
      ipVer: number;
      address: string;
    };
    name?: string;
    connection?: { version: number; ip: string };
    timing?: { start: number; stop: number };
    direction?: string;
    media: SdpMediaText[];
  }

  export interface SdpMediaText {
    type?: string;
    port?: number;
    protocol?: string;
    payloads?: string | number;
    connection?: { version: number; ip: string };
    rtp: {
      payload: number;
      codec: string | number;
      rate?: number | undefined;
      encoding?: string | number | undefined;
    }[];
    fmtp: { payload: number; config: string | number }[];
    crypto?: { id: number; suite: string; config: string; sessionConfig?: string | undefined }[];
    ptime?: number;
    direction?: string;
    /** Attribute lines outside its grammar, without the `a=`; written last. */
    invalid?: { value: string }[];
  }

  const sdpTransform: { parse(text: string): SdpText; write(session: SdpText): string };
  export default sdpTransform;
}
