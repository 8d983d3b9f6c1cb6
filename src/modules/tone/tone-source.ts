import { DataSource, type Ticker } from "../../engine/index.ts";
import { createOneShotTone, createTone, standardTones, type ToneGenerator } from "../../media/index.ts";

/** A tone, 20 ms a tick while somebody listens. One that is over detaches its listeners. */
class ToneSource extends DataSource {
  readonly #ticker: Ticker;
  readonly #generator: ToneGenerator;
  readonly #gone: () => void;
  #unsubscribe: (() => void) | undefined;

  constructor(ticker: Ticker, generator: ToneGenerator, gone: () => void) {
    super("slin");
    this.#ticker = ticker;
    this.#generator = generator;
    this.#gone = gone;
  }

  protected override listened(): void {
    this.#unsubscribe = this.#ticker.subscribe(() => {
      const block = this.#generator.next();
      if (block) this.forward(block);
      else this.finish();
    });
  }

  protected override unlistened(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  protected override destroyed(): void {
    this.unlistened();
    this.#gone();
  }
}

/** The tones of an engine. */
export interface ToneSources {
  /** How many named tones are attached somewhere. */
  readonly shared: number;
  /**
   * A cadenced tone by its name, for a source or a call target. All who play the same one share its generator, so a listener
   * may join in mid-cadence. Undefined for a name that is not one, which includes the one-shot forms.
   */
  named(name: string): { readonly name: string; readonly source: DataSource } | undefined;
  /** What an override or a replacement plays: one pass of a named tone, keys, or a computed tone. */
  oneShot(spec: string): DataSource | undefined;
}

export function createToneSources(ticker: Ticker): ToneSources {
  const shared = new Map<string, ToneSource>();
  return {
    get shared() {
      return shared.size;
    },
    named(text) {
      const wanted = text.trim().toLowerCase();
      const name = standardTones.find((tone) => tone.name === wanted || tone.aliases.includes(wanted))?.name;
      if (name === undefined) return undefined;
      const playing = shared.get(name);
      if (playing) return { name, source: playing };
      const generator = createTone(name);
      if (!generator) return undefined;
      const source = new ToneSource(ticker, generator, () => shared.delete(name));
      shared.set(name, source);
      return { name, source };
    },
    oneShot(spec) {
      const generator = createOneShotTone(spec);
      return generator && new ToneSource(ticker, generator, () => {});
    },
  };
}
