import { type EngineModule, toBoolean } from "../../engine/index.ts";
import { soundFolders } from "./sound-path.ts";
import { createSoundStore, type SoundStoreOptions } from "./sound-store.ts";
import { attachWave, recordWave, type WaveModule } from "./wave-attach.ts";
import { installWaveDriver } from "./wave-driver.ts";

/**
 * Sound files: call targets `wave/play/<file>` and `wave/record/<file>`, the same in `chan.attach`, and recorders in
 * `chan.record` (spec/media.md §2, §4). `.wav` files are read and written as such.
 *
 * When a recording cannot be written, it stops and the call goes on; the log tells it once, and `notify` gets
 * `reason=error` with `id`, `file` and `error`, the system's word for why (`ENOSPC`).
 */
export function wave(options: SoundStoreOptions = {}): EngineModule {
  return {
    name: "wavefile",
    start(engine) {
      const hacks = engine.config("yate").section("hacks");
      const module: WaveModule = {
        engine,
        store: createSoundStore(options),
        folders: soundFolders(engine),
        padding: toBoolean(hacks?.get("datapadding")) ?? true,
        mode: toBoolean(hacks?.get("wavepubread")) ? 0o644 : 0o600,
        sources: new Set(),
        recorders: new Set(),
        writers: new Set(),
      };
      engine.own(async () => {
        await Promise.all([...module.writers].map((writer) => writer.close()));
      });
      installWaveDriver(module);
      engine.install({
        name: "chan.attach",
        priority: 100,
        trackName: "wave",
        receive: (message) => attachWave(module, message),
      });
      engine.install({
        name: "chan.record",
        priority: 100,
        trackName: "wave",
        receive: (message) => recordWave(module, message),
      });
    },
  };
}
