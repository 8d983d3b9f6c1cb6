import { DataConsumer, type Engine, type EngineMessage } from "../../engine/index.ts";
import { BlockAligner, createDtmfDetector, type DtmfDetector, samplesOf } from "../../media/index.ts";
import type { DetectorSpec } from "./detector-spec.ts";
import { createSingleToneDetector, type SingleToneDetector } from "./single-tone.ts";

/** Longest `*caller*called*`; what is longer is none. */
const maxSetupKeys = 64;

/** What the message that attached the detector says of what is to happen. */
interface Orders {
  readonly faxDivert: string;
  readonly caller: string;
  readonly called: string;
  readonly notify: string;
}

function ordersOf(message: EngineMessage): Orders {
  const divert = message.get("fax_divert") ?? "";
  return {
    faxDivert: divert === "-" ? "" : divert,
    caller: message.get("fax_caller") ?? message.get("caller") ?? "",
    called: message.get("fax_called") ?? message.get("called") ?? "",
    notify: message.get("notify") ?? "",
  };
}

/** Listens to a channel and tells what it hears in that channel's name (spec/media.md §8). Works on slin 8000 whatever comes. */
export class ToneDetector extends DataConsumer {
  readonly #engine: Engine;
  readonly #id: string;
  readonly #spec: DetectorSpec;
  readonly #gone: () => void;
  readonly #aligner: BlockAligner;
  #orders: Orders;
  #keys: DtmfDetector | undefined;
  #fax: SingleToneDetector | undefined;
  #continuity: SingleToneDetector | undefined;
  #setup: string | undefined;

  /**
   * @param id the channel's
   * @param message the one that asks for it
   * @param gone called once
   */
  constructor(engine: Engine, id: string, spec: DetectorSpec, message: EngineMessage, gone: () => void) {
    super(spec.stereo ? "2*slin" : "slin");
    this.#engine = engine;
    this.#id = id;
    this.#spec = spec;
    this.#gone = gone;
    this.#aligner = new BlockAligner(spec.stereo ? 4 : 2);
    this.#setup = spec.callSetup ? "" : undefined;
    this.#orders = ordersOf(message);
    this.#keys = spec.dtmf || spec.callSetup ? createDtmfDetector() : undefined;
    this.#fax = spec.faxHz === undefined ? undefined : createSingleToneDetector(spec.faxHz);
    this.#continuity =
      spec.continuityHz === undefined ? undefined : createSingleToneDetector(spec.continuityHz);
  }

  /** Forgets what it is in the middle of hearing; fax and continuity that were told are not told again. */
  restart(message: EngineMessage): void {
    const { faxHz, continuityHz } = this.#spec;
    this.#orders = ordersOf(message);
    if (this.#keys) this.#keys = createDtmfDetector();
    if (this.#fax && faxHz !== undefined) this.#fax = createSingleToneDetector(faxHz);
    if (this.#continuity && continuityHz !== undefined)
      this.#continuity = createSingleToneDetector(continuityHz);
  }

  protected override consume(block: Uint8Array): void {
    const whole = this.#aligner.push(block);
    if (whole.length === 0) return;
    const samples = this.#mono(samplesOf(whole));
    for (const { digit, endSample } of this.#keys?.feed(samples) ?? [])
      if (endSample === undefined) this.#key(digit);
    if (this.#fax?.feed(samples)) {
      this.#fax = undefined;
      this.#tellFax();
    }
    if (this.#continuity?.feed(samples)) {
      this.#continuity = undefined;
      this.#tellKey("O");
    }
  }

  protected override destroyed(): void {
    this.#gone();
  }

  #mono(samples: Int16Array): Int16Array {
    const { stereo } = this.#spec;
    if (!stereo) return samples;
    return Int16Array.from({ length: samples.length >> 1 }, (_, at) => {
      const [left = 0, right = 0] = [samples[at * 2], samples[at * 2 + 1]];
      return stereo === "left" ? left : stereo === "right" ? right : (left + right) >> 1;
    });
  }

  #key(key: string): void {
    if (this.#setup === undefined) {
      if (this.#spec.dtmf) this.#tellKey(key);
      return;
    }
    this.#setup = (this.#setup + key).slice(-maxSetupKeys);
    const [, caller, called] = /^\*([0-9#]*)\*([0-9#]*)\*$/.exec(this.#setup) ?? [];
    if (caller === undefined || called === undefined) return;
    this.#setup = undefined;
    const { notify } = this.#orders;
    this.#engine.enqueue("chan.notify", {
      id: this.#id,
      ...(notify ? { targetid: notify } : {}),
      operation: "setup",
      caller,
      called,
    });
  }

  #tellKey(text: string): void {
    this.#engine.enqueue("chan.masquerade", {
      id: this.#id,
      message: "chan.dtmf",
      text,
      detected: "inband",
    });
  }

  #tellFax(): void {
    const { faxDivert, caller, called } = this.#orders;
    this.#engine.enqueue("chan.masquerade", {
      id: this.#id,
      ...(faxDivert
        ? { message: "call.execute", callto: faxDivert, reason: "fax" }
        : { message: "call.fax", detected: "inband" }),
      ...(caller ? { caller } : {}),
      ...(called ? { called } : {}),
    });
  }
}
