import { decodeSoundFrame, encodeSoundFrame } from "../../../src/console/protocol.ts";
import type { FromSocket, MicFrame, SpeakerFrame, ToSocket } from "./socket-messages.ts";

/**
 * The thread that has the socket. Sound passes through it without the page's own thread, which draws and may be late: frames go
 * straight to the loudspeaker's worklet and come straight from the microphone's.
 */
declare const self: {
  onmessage: ((event: MessageEvent<ToSocket>) => void) | null;
  postMessage(message: FromSocket): void;
};

/** What piles up would only be heard too late. */
const mostBuffered = 16_384;

let socket: WebSocket | undefined;
let speaker: MessagePort | undefined;
let microphone: MessagePort | undefined;
let line: number | undefined;
let muted = false;

self.onmessage = ({ data }) => {
  switch (data.kind) {
    case "open":
      return open(data.url, data.protocols);
    case "close":
      return socket?.close();
    case "text":
      return socket?.readyState === WebSocket.OPEN ? socket.send(data.text) : undefined;
    case "speaker":
      speaker?.close();
      speaker = data.port;
      return undefined;
    case "microphone":
      return listen(data.port, data.rateHz);
    case "speak":
      line = data.line;
      muted = data.muted;
      return undefined;
  }
};

function open(url: string, protocols: readonly string[]): void {
  const made = new WebSocket(url, [...protocols]);
  made.binaryType = "arraybuffer";
  socket = made;
  made.onopen = () => self.postMessage({ kind: "opened" });
  made.onclose = ({ code }) => self.postMessage({ kind: "closed", code });
  made.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === "string") self.postMessage({ kind: "text", text: data });
    else play(new Uint8Array(data));
  };
}

function play(bytes: Uint8Array): void {
  const sound = decodeSoundFrame(bytes);
  if (!sound) return;
  const { rateHz, position, samples } = sound;
  const frame: SpeakerFrame = { rateHz, position, samples };
  speaker?.postMessage(frame, [samples.buffer]);
}

function listen(port: MessagePort, rateHz: 8000 | 16_000): void {
  microphone?.close();
  microphone = port;
  port.onmessage = ({ data: { position, samples } }: MessageEvent<MicFrame>) => {
    if (line === undefined || socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > mostBuffered)
      return;
    if (muted) samples.fill(0);
    socket.send(encodeSoundFrame({ line, rateHz, position, samples }));
  };
}
