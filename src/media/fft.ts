/** Fast Fourier transform of a fixed power-of-two size, complex, in place, radix 2. */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;

  /** @param size a power of two, at least 2. */
  constructor(size: number) {
    this.size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
    this.#reversed = new Uint32Array(size);
    for (let i = 1; i < size; i++) {
      this.#reversed[i] = ((this.#reversed[i >> 1] ?? 0) >> 1) | (i & 1 ? size / 2 : 0);
    }
  }

  /** Transforms `re + i·im`. The inverse is the same with both arrays exchanged, and not scaled. */
  transform(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    for (let i = 0; i < size; i++) {
      const j = this.#reversed[i] ?? 0;
      if (j <= i) continue;
      const r = re[i] ?? 0;
      const m = im[i] ?? 0;
      re[i] = re[j] ?? 0;
      im[i] = im[j] ?? 0;
      re[j] = r;
      im[j] = m;
    }
    for (let half = 1, stride = size / 2; half < size; half *= 2, stride /= 2) {
      for (let k = 0; k < half; k++) {
        const c = this.#cos[k * stride] ?? 0;
        const s = this.#sin[k * stride] ?? 0;
        for (let i = k; i < size; i += 2 * half) {
          const j = i + half;
          const jr = re[j] ?? 0;
          const jm = im[j] ?? 0;
          const r = jr * c - jm * s;
          const m = jr * s + jm * c;
          const ir = re[i] ?? 0;
          const ii = im[i] ?? 0;
          re[j] = ir - r;
          im[j] = ii - m;
          re[i] = ir + r;
          im[i] = ii + m;
        }
      }
    }
  }
}
