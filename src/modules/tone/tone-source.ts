import { DataSource, type Ticker } from "../../engine/index.ts";
import { createOneShotTone, createTone, standardTones, type ToneGenerator } from "../../media/index.ts";
import { createCadence, type ToneLanguages } from "./tone-languages.ts";

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
  named(
    name: string,
    language: string | undefined,
  ): { readonly name: string; readonly source: DataSource } | undefined;
  /** What an override or a replacement plays: one pass of a named tone, keys, or a computed tone. */
  oneShot(spec: string, language: string | undefined): DataSource | undefined;
}

export function createToneSources(ticker: Ticker, languages: ToneLanguages): ToneSources {
  const shared = new Map<string, ToneSource>();
  /** A tone of a country, or a built-in one: its full name and how to make its generator. */
  const find = (
    text: string,
    language: string | undefined,
  ): { name: string; create(): ToneGenerator | undefined } | undefined => {
    const wanted = text.trim().toLowerCase();
    const configured = languages.find(wanted, language);
    if (configured) return { name: configured.name, create: () => createCadence(configured.steps, true) };
    const name = standardTones.find((tone) => tone.name === wanted || tone.aliases.includes(wanted))?.name;
    return name === undefined ? undefined : { name, create: () => createTone(name) };
  };
  return {
    get shared() {
      return shared.size;
    },
    named(text, language) {
      const found = find(text, language);
      if (!found) return undefined;
      const { name } = found;
      const playing = shared.get(name);
      if (playing) return { name, source: playing };
      const generator = found.create();
      if (!generator) return undefined;
      const source = new ToneSource(ticker, generator, () => shared.delete(name));
      shared.set(name, source);
      return { name, source };
    },
    oneShot(spec, language) {
      const [, modifier, name = ""] = /^\s*([*!]?)([\s\S]*)$/.exec(spec) ?? [];
      const configured = languages.find(name.trim().toLowerCase(), language);
      const generator = configured
        ? createCadence(configured.steps, modifier === "*")
        : createOneShotTone(spec);
      return generator && new ToneSource(ticker, generator, () => {});
    },
  };
}
