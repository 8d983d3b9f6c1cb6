import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { hello, phone } from "../console.ts";
import { useShortcuts } from "../parts/shortcuts.ts";
import { Tabs } from "../parts/tabs.tsx";
import { startAlerts } from "./alerts.ts";
import { DialField } from "./dial-field.tsx";
import { keyOfPhone } from "./keyboard.ts";
import { Keypad } from "./keypad.tsx";
import { LineCard } from "./line-card.tsx";
import { OwnNumber } from "./own-number.tsx";
import { focusDial } from "./phone-focus.ts";
import { activeLine, answer, hangup, hold, pressKey, ringingLine, select } from "./phone-state.ts";
import { showCalls } from "./show-call.ts";
import { muted } from "./sound/microphone.ts";
import { SoundBar } from "./sound-bar.tsx";
import { VoicePanel } from "./voice-panel.tsx";
import { WeatherPanel } from "./weather-panel.tsx";
import { currentWeather } from "./weather-state.ts";
import { isBad } from "./weather-words.ts";

type Below = "keys" | "weather" | "voice";

/** The phone: lines, a field for a number, keys, and under them what is heard and said. */
export function PhonePanel(): VNode {
  const below = useSignal<Below>("keys");
  useEffect(() => {
    startAlerts();
    showCalls();
  }, []);
  useShortcuts([
    { keys: "d", what: "dial a number", group: "Phone", run: focusDial },
    { keys: "p a", what: "answer", group: "Phone", run: () => onRinging(answer) },
    { keys: "p h", what: "hang up", group: "Phone", run: () => onActive(({ line }) => hangup(line)) },
    { keys: "p o", what: "hold, go on", group: "Phone", run: () => onActive(hold) },
    {
      keys: "p m",
      what: "mute the microphone",
      group: "Phone",
      run: () => {
        muted.value = !muted.value;
      },
    },
    { keys: "p n", what: "next line", group: "Phone", run: nextLine },
  ]);
  const press = (event: KeyboardEvent): void => {
    const key = keyOfPhone(event);
    if (key === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    void pressKey(key);
  };
  const bad = isBad(currentWeather.value);
  return (
    <aside class="phone" aria-label="phone" tabIndex={-1} onKeyDown={press}>
      <OwnNumber />
      <DialField />
      <div class="phone-scroll">
        <Lines />
        <div class="phone-below">
          <Tabs<Below>
            label="below the lines"
            chosen={below.value}
            onChoose={(key) => {
              below.value = key;
            }}
            tabs={[
              { key: "keys", text: "Keys" },
              {
                key: "weather",
                text: (
                  <>
                    Weather{bad && <span class="dot warn" />}
                    {bad && <span class="hidden-words"> bad</span>}
                  </>
                ),
              },
              { key: "voice", text: "Voice" },
            ]}
          />
          {below.value === "keys" && <Keypad />}
          {below.value === "weather" && <WeatherPanel />}
          {below.value === "voice" && <VoicePanel />}
        </div>
      </div>
      <SoundBar
        onWeather={() => {
          below.value = "weather";
        }}
        onVoice={() => {
          below.value = "voice";
        }}
      />
    </aside>
  );
}

function Lines(): VNode {
  const { lines, selected } = phone.value;
  if (lines.length === 0)
    return (
      <p class="phone-hint dim">
        {hello.value?.targets.length
          ? "Press Call, hear the app, press keys. What happens shows at the right as it happens."
          : "Calls show here, each on a line of its own. Calls to this phone's number ring here."}
      </p>
    );
  return (
    <ul class="lines" aria-label="lines">
      {lines.map((line) => (
        <LineCard key={line.line} line={line} selected={line.line === selected} />
      ))}
    </ul>
  );
}

function onRinging(run: (line: number) => Promise<void>): void {
  const line = ringingLine.value;
  if (line) void run(line.line);
}

function onActive(run: (line: NonNullable<typeof activeLine.value>) => Promise<void>): void {
  const line = activeLine.value;
  if (line) void run(line);
}

function nextLine(): void {
  const { lines, selected } = phone.value;
  const live = lines.filter(({ state }) => state !== "ended");
  const next = live[(live.findIndex(({ line }) => line === selected) + 1) % live.length];
  if (next && next.line !== selected) void select(next.line);
}
