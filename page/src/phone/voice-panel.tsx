import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { attempt, connection } from "../console.ts";
import { Icon } from "../parts/icon.tsx";
import { secondsWords } from "../parts/time-words.ts";

import { activeLine } from "./phone-state.ts";
import { toBase64, toneFile } from "./sound/tones.ts";

interface Chosen {
  readonly name: string;
  readonly sound: string;
}

/** A voice without a microphone: a sound file, or a tone, said into the call. */
export function VoicePanel(): VNode {
  const chosen = useSignal<Chosen | undefined>(undefined);
  const said = useSignal("");
  const over = useSignal(false);
  const file = useRef<HTMLInputElement>(null);
  const line = activeLine.value;
  const can = line?.state === "answered" && !line.held;
  const take = async (picked: File | undefined): Promise<void> => {
    if (!picked) return;
    chosen.value = { name: picked.name, sound: toBase64(new Uint8Array(await picked.arrayBuffer())) };
    if (can) await say(chosen.value);
  };
  const say = async ({ name, sound }: Chosen): Promise<void> => {
    if (!line) return;
    const done = await attempt(connection.ask("phone.say", { line: line.line, name, sound }));
    if (done) said.value = `${name}: ${secondsWords(done.ms)}`;
  };
  return (
    <div class="voice">
      <p class="dim">Said in place of the microphone, from beginning to end.</p>
      <button
        type="button"
        class="drop"
        data-over={over.value ? "" : undefined}
        onClick={() => file.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => {
          over.value = false;
        }}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          void take(event.dataTransfer?.files[0]);
        }}
      >
        <Icon name="upload" />
        <span class="cut">{chosen.value?.name ?? "Choose a sound file, or drop one here"}</span>
        <span class="dim">wav, au, gsm, mp3, ogg</span>
      </button>
      <input
        ref={file}
        type="file"
        hidden
        accept="audio/*,.au,.gsm,.alaw,.mulaw,.slin"
        onChange={({ currentTarget }) => void take(currentTarget.files?.[0])}
      />
      <div class="voice-row">
        <button
          type="button"
          class="button"
          disabled={!can || !chosen.value}
          onClick={() => chosen.value && void say(chosen.value)}
        >
          <Icon name="play" /> Say it
        </button>
        {[440, 1000].map((hz) => (
          <button
            key={hz}
            type="button"
            class="button"
            disabled={!can}
            onClick={() => void say({ name: `${hz} Hz.wav`, sound: toneFile(hz) })}
          >
            {hz} Hz
          </button>
        ))}
      </div>
      <p class="dim" role="status">
        {said.value || (can ? "" : "There must be a call to say it into.")}
      </p>
    </div>
  );
}
