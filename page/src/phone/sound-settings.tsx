import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { selectedLine } from "./phone-state.ts";
import { choosesOutput } from "./sound/context.ts";
import { devices, findDevices } from "./sound/devices.ts";
import { latency } from "./sound/latency.ts";
import { change, type SoundSettings, settings } from "./sound/settings.ts";
import { speakerReport } from "./sound/speaker.ts";

/** Devices, the microphone's helpers, the rate; and where the delay comes from. */
export function SoundSettingsDialog({ onClose }: { readonly onClose: () => void }): VNode {
  useEffect(() => void findDevices(), []);
  const { rateHz, volume } = settings.value;
  return (
    <Dialog title="Sound" onClose={onClose}>
      <div class="sound-grid">
        <Device text="Microphone" kind="audioinput" name="input" />
        {choosesOutput && <Device text="Loudspeaker" kind="audiooutput" name="output" />}
        {choosesOutput && <Device text="Rings at" kind="audiooutput" name="ring" />}
        <label class="field">
          <span>Microphone's rate</span>
          <select
            class="select"
            value={rateHz}
            onChange={({ currentTarget }) =>
              change({ rateHz: currentTarget.value === "16000" ? 16_000 : 8000 })
            }
          >
            <option value={8000}>8 kHz, as a telephone</option>
            <option value={16_000}>16 kHz, wideband</option>
          </select>
        </label>
        <label class="field">
          <span>Volume</span>
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={volume}
            onInput={({ currentTarget }) => change({ volume: currentTarget.valueAsNumber })}
          />
        </label>
      </div>
      <div>
        <Switch
          text="Echo cancellation: without it, loudspeakers feed back into the call"
          name="echoCancellation"
        />
        <Switch text="Noise suppression" name="noiseSuppression" />
        <Switch text="Automatic level" name="autoGainControl" />
        <Switch text="Keys sound here when pressed" name="keyTones" />
      </div>
      <Delays />
    </Dialog>
  );
}

function Device(props: {
  readonly text: string;
  readonly kind: MediaDeviceKind;
  readonly name: "input" | "output" | "ring";
}): VNode {
  const { text, kind, name } = props;
  const found = devices.value.filter((device) => device.kind === kind && device.deviceId !== "");
  return (
    <label class="field">
      <span>{text}</span>
      <select
        class="select"
        value={settings.value[name]}
        onChange={({ currentTarget }) => change({ [name]: currentTarget.value })}
      >
        <option value="">{name === "ring" ? "as the call" : "the system's choice"}</option>
        {found.map(({ deviceId, label }, index) => (
          <option key={deviceId} value={deviceId}>
            {label || `${text} ${index + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}

type SwitchName = {
  [K in keyof SoundSettings]: SoundSettings[K] extends boolean ? K : never;
}[keyof SoundSettings];

function Switch({ text, name }: { readonly text: string; readonly name: SwitchName }): VNode {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={settings.value[name]}
        onChange={({ currentTarget }) => change({ [name]: currentTarget.checked })}
      />
      {text}
    </label>
  );
}

function Delays(): VNode {
  const delay = latency.value;
  const sound = selectedLine.value?.sound;
  const { late, marginMs } = speakerReport.value;
  return (
    <section>
      <h3>Delay</h3>
      {delay ? (
        <dl class="facts numbers">
          {[...delay.hearing, ...delay.saying].flatMap(({ what, ms }) => [
            <dt key={what}>{what}</dt>,
            <dd key={`${what} ms`}>{ms.toFixed(1)} ms</dd>,
          ])}
          <dt>heard after</dt>
          <dd>
            <strong>{Math.round(delay.hearMs)} ms</strong>
          </dd>
          <dt>holes heard</dt>
          <dd>
            {late} (room kept for late sound: {Math.round(marginMs)} ms)
          </dd>
          {sound && (
            <>
              <dt>packets lost, late</dt>
              <dd>
                {sound.lost}, {sound.late} of {sound.received}; jitter {sound.jitterMs} ms
              </dd>
            </>
          )}
        </dl>
      ) : (
        <p class="dim">Measured while there is a call.</p>
      )}
    </section>
  );
}
