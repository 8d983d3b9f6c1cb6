import {
  Channel,
  type ControlParams,
  copyParams,
  DataConsumer,
  DataSource,
  type Direction,
  type Driver,
  type EngineMessage,
  toBoolean,
} from "../../engine/index.ts";
import { bytesOf, type MixerLeg, samplesOf } from "../../media/index.ts";
import { createLegBuffer, type LegBuffer } from "./leg-buffer.ts";
import type { Room } from "./room.ts";

/** What a leg is and may do (spec/media.md §7). */
export interface LegOptions {
  readonly counted: boolean;
  /** Housekeeping: not counted, not told of, hears itself. */
  readonly utility: boolean;
  readonly voice: boolean;
  readonly smart: boolean;
  readonly echo: boolean;
  readonly billing: boolean;
  /** Keys and texts that are aimed elsewhere are left alone. */
  readonly keepTarget: boolean;
  readonly player: boolean;
}

/** The options in a `call.execute` or `call.conference`. */
export function legOptions(message: EngineMessage): LegOptions {
  const utility = message.flag("utility", false);
  return {
    utility,
    counted: message.flag("counted", !utility),
    voice: message.flag("voice", true),
    smart: message.flag("smart", !utility),
    echo: message.flag("echo", utility),
    billing: message.flag("billing", false),
    keepTarget: message.flag("keeptarget", false),
    player: message.flag("player", false),
  };
}

/** What a leg says into the room. */
class LegVoice extends DataConsumer {
  readonly buffer: LegBuffer;
  readonly #mix: MixerLeg;
  readonly #room: Room;

  constructor(room: Room, mix: MixerLeg) {
    super(room.format);
    this.#room = room;
    this.#mix = mix;
    this.buffer = createLegBuffer(room.blockSamples);
  }

  override control(params: ControlParams): boolean {
    const mute = toBoolean(params.get("mute"));
    const smart = toBoolean(params.get("smart"));
    if (mute !== undefined) this.#mix.muted = mute;
    if (mute) this.buffer.clear();
    if (smart !== undefined) this.#mix.smart = smart;
    return mute !== undefined || smart !== undefined;
  }

  protected override consume(block: Uint8Array): void {
    if (this.#mix.muted) return;
    this.buffer.write(samplesOf(block.byteOffset % 2 === 0 ? block : block.slice()));
    this.#room.wake();
  }
}

/** What a leg hears of the room. */
class LegHearing extends DataSource {
  hear(samples: Int16Array): void {
    this.forward(bytesOf(samples));
  }
}

/** A channel of a room. */
export class Leg extends Channel {
  readonly room: Room;
  readonly options: LegOptions;
  readonly mix: MixerLeg;
  readonly #voice: LegVoice | undefined;
  readonly #hearing: LegHearing;

  constructor(driver: Driver, room: Room, options: LegOptions, direction: Direction, cause?: EngineMessage) {
    super(driver, { direction, address: room.name, cause });
    this.room = room;
    this.options = options;
    this.mix = room.addMix({
      voice: options.voice,
      smart: options.smart,
      echo: options.echo || !options.voice,
    });
    this.#hearing = new LegHearing(room.format);
    this.audio.setSource(this.#hearing);
    if (options.voice) {
      this.#voice = new LegVoice(room, this.mix);
      this.audio.setConsumer(this.#voice);
    }
    room.enter(this);
    if (options.billing && cause) {
      const message = this.message("chan.startup");
      copyParams(cause, message.params, ["caller", "callername", "called", "billid", "callto", "username"]);
      driver.engine.kernel.enqueue(message);
    }
  }

  /** Hands the mixer what the leg has said since; true when there was something. */
  speak(): boolean {
    const block = this.#voice?.buffer.take();
    if (block) this.mix.write(block);
    return block !== undefined;
  }

  /** Lets the leg hear the tick that was mixed. */
  listen(): void {
    if (this.#hearing.listeners > 0) this.#hearing.hear(this.mix.heard);
  }

  override control(message: EngineMessage): boolean {
    super.control(message);
    return this.audio.control(message);
  }

  /** Columns of the leg in `engine.status`. */
  columns(): string[] {
    if (!this.#voice) return [];
    const { muted, smart, speaking, noise, energy } = this.mix;
    const signal = !muted && (!smart || speaking);
    const levels =
      smart && !muted ? [`noise=${level(noise)}`, ...(signal ? [`energy=${level(energy)}`] : [])] : [];
    return [`mute=${muted}`, `signal=${signal}`, ...levels];
  }

  protected override destroyed(): void {
    this.room.leave(this);
    super.destroyed();
    if (!this.options.billing) return;
    const message = this.driver.engine.message("chan.hangup");
    this.complete(message.params);
    this.driver.engine.kernel.enqueue(message);
  }
}

/** Levels are told as the binary logarithm of the mean power, 0 to 29, as the reference engine tells them. */
export function level(magnitude: number): number {
  return magnitude < 1 ? 0 : Math.floor(Math.log2(magnitude * magnitude));
}
