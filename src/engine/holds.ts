/** Counts who keeps something alive. */
export class Holds {
  #count = 0;
  readonly #onRelease: () => void;

  /** @param onRelease called each time one lets go */
  constructor(onRelease: () => void) {
    this.#onRelease = onRelease;
  }

  /** Whether anybody holds it. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** One more; the function returned lets go, once. */
  take(): () => void {
    this.#count++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#count--;
      this.#onRelease();
    };
  }
}
