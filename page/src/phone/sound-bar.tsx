import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { Icon } from "../parts/icon.tsx";
import { Meter } from "./meter.tsx";
import { talkingLine } from "./phone-state.ts";
import { soundState, startAudio } from "./sound/context.ts";
import { latency } from "./sound/latency.ts";
import { micPeak, micState, muted, turnOn } from "./sound/microphone.ts";
import { speakerReport } from "./sound/speaker.ts";
import { SoundSettingsDialog } from "./sound-settings.tsx";
import { delayWords, micWords, soundWords } from "./sound-words.ts";
import { currentWeather } from "./weather-state.ts";
import { isBad, weatherWords } from "./weather-words.ts";

/** What is said and heard, how late, and what is wrong with it. */
export function SoundBar(props: { readonly onWeather: () => void; readonly onVoice: () => void }): VNode {
  const settings = useSignal(false);
  const weather = currentWeather.value;
  const delay = latency.value;
  const trouble = micWords(micState.value);
  const silent = talkingLine.value !== undefined && soundState.value !== "on" && soundWords(soundState.value);
  return (
    <footer class="sound">
      {isBad(weather) && (
        <button type="button" class="sound-weather" onClick={props.onWeather}>
          <Icon name="weather" />
          <span class="cut">Bad weather: {weatherWords(weather)}</span>
        </button>
      )}
      {silent && (
        <button type="button" class="sound-start" onClick={() => void startAudio()}>
          <Icon name="speaker" />
          {silent}
        </button>
      )}
      {trouble && (
        <div class="sound-trouble" role="status">
          <p>{trouble}</p>
          <button type="button" class="button small" onClick={() => void turnOn()}>
            Try again
          </button>
          <button type="button" class="button small" onClick={props.onVoice}>
            Say a file
          </button>
        </div>
      )}
      <div class="meters">
        <button
          type="button"
          class="button plain icon small"
          aria-pressed={muted.value}
          aria-label="mute the microphone"
          data-tip={muted.value ? "Muted" : "Mute"}
          data-tip-side="top-right"
          onClick={() => {
            muted.value = !muted.value;
          }}
        >
          <Icon name={muted.value || trouble ? "mic-off" : "mic"} />
        </button>
        <Meter label="microphone" peak={micPeak.value} />
        <Icon name="speaker" />
        <Meter label="heard" peak={speakerReport.value.peak} />
        <button
          type="button"
          class="button plain small numbers"
          data-tip={delay ? delayWords(delay) : "Sound settings"}
          data-tip-side="top-left"
          aria-label={delay ? `heard ${Math.round(delay.hearMs)} ms late; sound settings` : "sound settings"}
          onClick={() => {
            settings.value = true;
          }}
        >
          {delay ? `${Math.round(delay.hearMs)} ms` : <Icon name="settings" />}
        </button>
      </div>
      {settings.value && (
        <SoundSettingsDialog
          onClose={() => {
            settings.value = false;
          }}
        />
      )}
    </footer>
  );
}
