import { type CallEndpoint, type EngineMessage, type EngineModule, endpointOf } from "../../engine/index.ts";
import { readDetectorSpec } from "./detector-spec.ts";
import { ToneDetector } from "./tone-detector.ts";

/**
 * Keys and tones in the sound itself (spec/media.md §8): `consumer=tone/<spec>` and `sniffer=tone/<spec>` of `chan.attach`,
 * `call=tone/<spec>` of `chan.record`, and by them `tonedetect_in` and `tonedetect_out` of a call. A key is told as
 * `chan.dtmf detected=inband`, a fax as `call.fax`.
 */
export function tonedetect(): EngineModule {
  return {
    name: "tonedetect",
    start(engine) {
      const detectors = new Set<ToneDetector>();
      const create = (endpoint: CallEndpoint, value: string, message: EngineMessage): ToneDetector => {
        const spec = readDetectorSpec(value.slice("tone/".length), (word) =>
          engine.log.warn(`${message.name} with ${value}: nothing is known of detecting ${word}`),
        );
        const detector = new ToneDetector(engine, endpoint.id, spec, message, () =>
          detectors.delete(detector),
        );
        detectors.add(detector);
        return detector;
      };
      const detectorIn = (message: EngineMessage, parameter: string): string | undefined => {
        const value = message.get(parameter) ?? "";
        return value.startsWith("tone/") ? value : undefined;
      };
      const channelOf = (message: EngineMessage): CallEndpoint | undefined => {
        const endpoint = endpointOf(message);
        if (!endpoint)
          engine.log.warn(
            `${message.name} of a tone detector without a channel: send it through chan.masquerade`,
          );
        return endpoint;
      };

      engine.install({
        name: "chan.attach",
        priority: 100,
        trackName: "tonedetect",
        receive(message) {
          const consumer = detectorIn(message, "consumer");
          const sniffer = detectorIn(message, "sniffer");
          if (consumer === undefined && sniffer === undefined) return false;
          const endpoint = channelOf(message);
          if (!endpoint) return false;
          const { audio } = endpoint;
          if (consumer !== undefined) audio.setConsumer(create(endpoint, consumer, message));
          if (sniffer !== undefined) {
            const present = audio.sniffers.get(sniffer);
            if (present instanceof ToneDetector) present.restart(message);
            else audio.setSniffer(sniffer, create(endpoint, sniffer, message));
          }
          // The parameters stay in the message: as in the reference engine.
          return message.flag("single", false);
        },
      });
      engine.install({
        name: "chan.record",
        priority: 100,
        trackName: "tonedetect",
        receive(message) {
          const call = detectorIn(message, "call");
          const endpoint = call === undefined ? undefined : channelOf(message);
          if (call === undefined || !endpoint) return false;
          endpoint.audio.setCallRecorder(create(endpoint, call, message));
          return true;
        },
      });
      engine.install({
        name: "engine.status",
        priority: 110,
        trackName: "tonedetect",
        receive(message) {
          const wanted = message.get("module") ?? "";
          if (wanted !== "" && wanted !== "tonedetect" && wanted !== "misc") return false;
          message.retvalue += `name=tonedetect,type=misc;count=${detectors.size}\r\n`;
          return wanted === "tonedetect";
        },
      });
    },
  };
}
