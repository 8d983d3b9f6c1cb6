import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { fairWeather, type Weather } from "../../../src/console/protocol.ts";
import { attempt, connection, hello, notify } from "../console.ts";
import { appNames } from "./app-names.ts";
import { currentWeather, setWeather } from "./weather-state.ts";
import { climateOf, climates } from "./weather-words.ts";

/** Makes the line bad, to see what the app makes of it; the same seed gives the same losses again. */
export function WeatherPanel(): VNode {
  const weather = currentWeather.value;
  const set = (changed: Partial<Weather>): void => void setWeather({ ...weather, ...changed });
  const climate = climateOf(weather);
  return (
    <div class="weather">
      <fieldset class="climates" aria-label="ready-made">
        {climates.map(({ name, weather: ready }) => (
          <button
            key={name}
            type="button"
            class="button small"
            aria-pressed={name === climate}
            onClick={() => set(ready)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <Slider
        text="Lost"
        unit="%"
        value={weather.loss * 100}
        most={40}
        step={0.5}
        onChange={(percent) => set({ loss: percent / 100 })}
      />
      <Slider
        text="In bursts of"
        value={weather.burst}
        least={1}
        most={20}
        onChange={(burst) => set({ burst })}
      />
      <Slider
        text="Delay"
        unit="ms"
        value={weather.delayMs}
        most={1000}
        step={10}
        onChange={(delayMs) => set({ delayMs })}
      />
      <Slider
        text="Jitter"
        unit="ms"
        value={weather.jitterMs}
        most={400}
        step={5}
        onChange={(jitterMs) => set({ jitterMs })}
      />
      <div class="weather-row">
        <label class="field">
          <span>One way</span>
          <select
            class="select"
            value={weather.mute}
            onChange={({ currentTarget }) => set({ mute: currentTarget.value as Weather["mute"] })}
          >
            <option value="none">both ways</option>
            <option value="in">you hear nothing</option>
            <option value="out">they hear nothing</option>
          </select>
        </label>
        <label class="field">
          <span>Keys travel as</span>
          <select
            class="select"
            value={weather.keys}
            onChange={({ currentTarget }) => set({ keys: currentTarget.value as Weather["keys"] })}
          >
            <option value="message">messages</option>
            <option value="rfc4733">RFC 4733</option>
            <option value="inband">tones</option>
          </select>
        </label>
      </div>
      <div class="weather-row">
        <label class="field">
          <span>Seed</span>
          <input
            class="input numbers"
            type="number"
            min={0}
            max={4294967295}
            value={weather.seed}
            onChange={({ currentTarget }) => set({ seed: currentTarget.valueAsNumber >>> 0 })}
          />
        </label>
        <button
          type="button"
          class="button"
          disabled={JSON.stringify(weather) === JSON.stringify(fairWeather)}
          onClick={() => void setWeather(fairWeather)}
        >
          All fair
        </button>
      </div>
      <Cut />
    </div>
  );
}

function Slider(props: {
  readonly text: string;
  readonly unit?: string;
  readonly value: number;
  readonly least?: number;
  readonly most: number;
  readonly step?: number;
  readonly onChange: (value: number) => void;
}): VNode {
  const { text, unit = "", value, least = 0, most, step = 1, onChange } = props;
  const words = `${Number(value.toFixed(1))}${unit && ` ${unit}`}`;
  return (
    <label class="slider">
      <span class="dim">{text}</span>
      <input
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={words}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
      <span class="numbers">{words}</span>
    </label>
  );
}

/** Takes the engine link away for a while. */
function Cut(): VNode {
  const what = useSignal("console");
  const seconds = useSignal(2);
  useEffect(() => connection.follow({ topic: "engine" }), []);
  const names = hello.value?.engine.kind === "embedded" ? appNames.value : [];
  const cut = async (): Promise<void> => {
    const done = await attempt(
      connection.ask("phone.cut", { what: what.value, ms: Math.round(seconds.value * 1000) }),
    );
    if (done !== undefined) notify("warn", `${what.value} has no engine for ${seconds.value} s`);
  };
  return (
    <div class="weather-row cut-link">
      <label class="field">
        <span>Cut off the engine</span>
        <select
          class="select"
          value={what.value}
          onChange={({ currentTarget }) => {
            what.value = currentTarget.value;
          }}
        >
          <option value="console">this console</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>for</span>
        <select
          class="select"
          value={seconds.value}
          onChange={({ currentTarget }) => {
            seconds.value = Number(currentTarget.value);
          }}
        >
          {[0.5, 2, 5, 20].map((each) => (
            <option key={each} value={each}>
              {each} s
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="button" onClick={() => void cut()}>
        Cut
      </button>
    </div>
  );
}
