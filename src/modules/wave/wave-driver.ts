import {
  type Channel,
  createDriver,
  type Driver,
  type EngineMessage,
  executeMedia,
  type MaybePromise,
} from "../../engine/index.ts";
import { recorderOptions, type WaveModule } from "./wave-attach.ts";
import { WaveRecorder } from "./wave-recorder.ts";
import { WaveSource } from "./wave-source.ts";

/** The call targets `wave/play/<file>` and `wave/record/<file>` (spec/calls.md §5, §6). */
export function installWaveDriver(wave: WaveModule): void {
  const driver: Driver = createDriver(wave.engine, {
    name: "wave",
    lifecycle: false,
    takes: ["call.ringing", "call.answered", "chan.dtmf", "chan.text"],
    status: (usual) => [`play=${wave.sources.size}`, `record=${wave.recorders.size}`, ...usual],
    execute(message, target, caller): MaybePromise<boolean> {
      const match = /^(play|record)\/([\s\S]*)$/.exec(target);
      if (!match) {
        wave.engine.log.warn(`wave/${target} cannot be called: use wave/play/<file> or wave/record/<file>`);
        return false;
      }
      const file = match[2] ?? "";
      const equip = (channel: Channel): void => {
        if (match[1] === "play") playOn(wave, channel, message, file);
        else recordOn(wave, channel, message, file);
      };
      return executeMedia(driver, message, caller, equip);
    },
  });
}

/** At the end of the file the channel goes, and its peer learns no reason. */
function playOn(wave: WaveModule, channel: Channel, message: EngineMessage, file: string): void {
  const ended = (): void => wave.engine.clock.turn(() => channel.disconnect());
  channel.audio.setSource(new WaveSource(wave, { file, repeat: message.flag("autorepeat", false), ended }));
  attachMore(channel, "consumer", message.get("consumer"));
}

function recordOn(wave: WaveModule, channel: Channel, message: EngineMessage, file: string): void {
  const recorder: WaveRecorder = new WaveRecorder(wave, {
    ...recorderOptions(message),
    file,
    ended: (how) => {
      if (how.kind === "maxlen") wave.engine.clock.turn(() => channel.disconnect());
    },
  });
  channel.audio.setConsumer(recorder);
  attachMore(channel, "source", message.get("source"));
}

/** The call may name the other half of the channel's audio, too. */
function attachMore(channel: Channel, parameter: "source" | "consumer", value: string | undefined): void {
  if (!value) return;
  void channel.driver.engine.dispatch(
    "chan.attach",
    { id: channel.id, [parameter]: value, single: true },
    channel,
  );
}
