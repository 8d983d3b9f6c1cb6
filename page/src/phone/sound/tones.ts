import { audio, startAudio } from "./context.ts";
import { settings } from "./settings.ts";

/** Row and column of a key, in hertz (ITU-T Q.23). */
const rows = [697, 770, 852, 941] as const;
const columns = [1209, 1336, 1477, 1633] as const;
const layout = "123A456B789C*0#D";

/** The two tones of a key; undefined for what is none. */
export function keyTones(key: string): readonly [rowHz: number, columnHz: number] | undefined {
  const at = key.length === 1 ? layout.indexOf(key.toUpperCase()) : -1;
  const row = rows[Math.floor(at / 4)];
  const column = columns[at % 4];
  return row === undefined || column === undefined ? undefined : [row, column];
}

/** Lets the user hear that a key was pressed, softly. */
export function playKey(key: string): void {
  const tones = settings.value.keyTones ? keyTones(key) : undefined;
  const made = audio.value;
  if (tones && made?.context.state === "running") beep(made.context, made.out, tones, 0, 0.1, 0.05);
}

/** Sounds tones from `after` seconds from now on, without a click at either end. */
export function beep(
  context: AudioContext,
  to: AudioNode,
  tones: readonly number[],
  after: number,
  seconds: number,
  level: number,
): void {
  const start = context.currentTime + after;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(level, start + 0.01);
  gain.gain.setValueAtTime(level, start + seconds - 0.01);
  gain.gain.linearRampToValueAtTime(0, start + seconds);
  gain.connect(to);
  for (const hz of tones) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = hz;
    oscillator.connect(gain);
    oscillator.start(start);
    oscillator.stop(start + seconds);
  }
}

/** A tone of one second as a sound file (wav, 8 kHz) in base64: a voice for who has no microphone. */
export function toneFile(hz: number, seconds = 1): string {
  const rate = 8000;
  const count = rate * seconds;
  const view = new DataView(new ArrayBuffer(44 + count * 2));
  const text = (at: number, words: string): void => {
    for (let i = 0; i < words.length; i++) view.setUint8(at + i, words.charCodeAt(i));
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + count * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, count * 2, true);
  for (let i = 0; i < count; i++) {
    const ramp = Math.min(1, i / 80, (count - 1 - i) / 80);
    view.setInt16(44 + i * 2, Math.round(8000 * ramp * Math.sin((2 * Math.PI * hz * i) / rate)), true);
  }
  return toBase64(new Uint8Array(view.buffer));
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

/** Repeats a pattern of tones until the function returned is called; it waits for sound if that is not on yet. */
export function repeat(everyMs: number, once: (context: AudioContext, out: AudioNode) => void): () => void {
  const play = async (): Promise<void> => {
    const made = await startAudio();
    if (!stopped && made?.context.state === "running") once(made.context, made.out);
  };
  let stopped = false;
  void play();
  const timer = setInterval(() => void play(), everyMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
