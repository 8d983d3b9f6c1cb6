import {
  type Channel,
  createDriver,
  type Driver,
  type Engine,
  type EngineMessage,
  type EngineModule,
  endpointOf,
  executeMedia,
} from "../../engine/index.ts";
import { readToneLanguages } from "./tone-languages.ts";
import { createToneSources, type ToneSources } from "./tone-source.ts";

/**
 * Tones: the call target `tone/<name>`, and `source`, `override` and `replace` in `chan.attach` (spec/media.md §5). Tones of
 * countries come from the configuration file `tonegen`.
 */
export function tone(): EngineModule {
  return {
    name: "tonegen",
    start(engine) {
      const tones = createToneSources(
        engine.ticker,
        readToneLanguages(engine.config("tonegen"), (text) => engine.log.warn(text)),
      );
      installToneDriver(engine, tones);
      engine.install({
        name: "chan.attach",
        priority: 100,
        trackName: "tone",
        receive: (message) => attachTone(engine, tones, message),
      });
    },
  };
}

function installToneDriver(engine: Engine, tones: ToneSources): void {
  const driver: Driver = createDriver(engine, {
    name: "tone",
    lifecycle: false,
    status: () => [`tones=${tones.shared}`, `chans=${driver.channels.size}`],
    listsChannels: false,
    execute(message, name, caller) {
      const equip = (channel: Channel): void => {
        const found = tones.named(name, message.get("lang"));
        if (found) {
          channel.address = found.name;
          channel.audio.setSource(found.source);
        } else engine.log.warn(`tone/${name}: there is no such tone, ${channel.id} is silent`);
        const consumer = message.get("consumer");
        if (consumer)
          void engine.dispatch("chan.attach", { id: channel.id, consumer, single: true }, channel);
      };
      return executeMedia(driver, message, caller, equip);
    },
  });
}

/**
 * `chan.attach` (spec/media.md §2). With `single` and no failure it is true, and so ends the dispatch even when the message
 * asks other modules for more: as in the reference engine.
 */
function attachTone(engine: Engine, tones: ToneSources, message: EngineMessage): boolean {
  const specs = (["source", "override", "replace"] as const).flatMap((parameter) => {
    const value = message.get(parameter) ?? "";
    return value.startsWith("tone/") && value.length > 5 ? [{ parameter, spec: value.slice(5) }] : [];
  });
  if (specs.length === 0) return false;
  const audio = endpointOf(message)?.audio;
  if (!audio) {
    engine.log.warn(`${message.name} of a tone without a channel: send it through chan.masquerade`);
    return false;
  }
  const language = message.get("lang");
  let failed = false;
  for (const { parameter, spec } of specs) {
    const source =
      parameter === "source" ? tones.named(spec, language)?.source : tones.oneShot(spec, language);
    const release = source?.hold();
    let attached = false;
    if (source && parameter === "source") {
      audio.setSource(source);
      attached = true;
    } else if (source)
      attached = parameter === "override" ? audio.setOverride(source) : audio.replace(source);
    if (attached) message.delete(parameter);
    else {
      failed = true;
      const why = source ? "no consumer can hear it" : "there is no such tone";
      engine.log.warn(`${message.name} with ${parameter}=tone/${spec}: ${why}`);
    }
    release?.();
  }
  return message.flag("single", false) && !failed;
}
