/** What the page asks of the thread that has the socket. */
export type ToSocket =
  | { readonly kind: "open"; readonly url: string; readonly protocols: readonly string[] }
  | { readonly kind: "close" }
  | { readonly kind: "text"; readonly text: string }
  /** From now on sound goes to this port, as a {@link SpeakerFrame}. */
  | { readonly kind: "speaker"; readonly port: MessagePort }
  /** From now on what comes from this port (a {@link MicFrame}) is said. */
  | { readonly kind: "microphone"; readonly port: MessagePort; readonly rateHz: 8000 | 16_000 }
  /** Into which line, undefined for none; muted, silence is said. */
  | { readonly kind: "speak"; readonly line: number | undefined; readonly muted: boolean };

/** What that thread tells. */
export type FromSocket =
  | { readonly kind: "opened" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "closed"; readonly code: number };

/** A frame to be played. */
export interface SpeakerFrame {
  readonly rateHz: 8000 | 16_000;
  readonly position: number;
  readonly samples: Int16Array;
}

/** 20 ms of the microphone. */
export interface MicFrame {
  /** Of the first sample, in samples since the beginning. */
  readonly position: number;
  readonly samples: Int16Array;
}
