interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** Fast Fourier transform of a fixed power-of-two size, complex, in place, radix 2. */
export class Fft {
  readonly size: number;
  /** Per stage, the twiddle factors of its butterflies in the order of use. */
  readonly #stages: readonly Twiddles[];
  readonly #reversed: Uint32Array;

  /** @param size a power of two, at least 2. */
  constructor(size: number) {
    this.size = size;
    this.#stages = Array.from({ length: Math.log2(size) }, (_, stage) => ({
      cos: Float64Array.from({ length: 2 ** stage }, (_, k) => Math.cos((Math.PI * k) / 2 ** stage)),
      sin: Float64Array.from({ length: 2 ** stage }, (_, k) => -Math.sin((Math.PI * k) / 2 ** stage)),
    }));
    this.#reversed = new Uint32Array(size);
    for (let i = 1; i < size; i++) {
      this.#reversed[i] = ((this.#reversed[i >> 1] ?? 0) >> 1) | (i & 1 ? size / 2 : 0);
    }
  }

  /** Transforms `re + i·im`. The inverse is the same with both arrays exchanged, and not scaled. */
  transform(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    const reversed = this.#reversed;
    for (let i = 0; i < size; i++) {
      const j = reversed[i] ?? 0;
      if (j <= i) continue;
      const r = re[i] ?? 0;
      const m = im[i] ?? 0;
      re[i] = re[j] ?? 0;
      im[i] = im[j] ?? 0;
      re[j] = r;
      im[j] = m;
    }
    const stages = this.#stages;
    let stage = 0;
    if (stages.length % 2 === 1) {
      butterflies(re, im, size);
      stage = 1;
    }
    for (; stage + 1 < stages.length; stage += 2) {
      const first = stages[stage];
      const second = stages[stage + 1];
      if (first && second) doubleButterflies(re, im, size, first, second);
    }
  }
}

/** The first stage, whose twiddle factor is 1. */
function butterflies(re: Float64Array, im: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 2) {
    const r = re[i + 1] ?? 0;
    const m = im[i + 1] ?? 0;
    const ir = re[i] ?? 0;
    const ii = im[i] ?? 0;
    re[i + 1] = ir - r;
    im[i + 1] = ii - m;
    re[i] = ir + r;
    im[i] = ii + m;
  }
}

/** Two stages at once, to go through memory half as often. */
function doubleButterflies(
  re: Float64Array,
  im: Float64Array,
  size: number,
  first: Twiddles,
  second: Twiddles,
): void {
  const half = first.cos.length;
  for (let start = 0; start < size; start += 4 * half) {
    for (let k = 0; k < half; k++) {
      const i0 = start + k;
      const i1 = i0 + half;
      const i2 = i1 + half;
      const i3 = i2 + half;
      const c1 = first.cos[k] ?? 0;
      const s1 = first.sin[k] ?? 0;
      const c2 = second.cos[k] ?? 0;
      const s2 = second.sin[k] ?? 0;
      let r = re[i1] ?? 0;
      let m = im[i1] ?? 0;
      const t1r = r * c1 - m * s1;
      const t1m = r * s1 + m * c1;
      r = re[i3] ?? 0;
      m = im[i3] ?? 0;
      const t3r = r * c1 - m * s1;
      const t3m = r * s1 + m * c1;
      const x0r = re[i0] ?? 0;
      const x0m = im[i0] ?? 0;
      const x2r = re[i2] ?? 0;
      const x2m = im[i2] ?? 0;
      r = x2r + t3r;
      m = x2m + t3m;
      const b2r = r * c2 - m * s2;
      const b2m = r * s2 + m * c2;
      r = x2r - t3r;
      m = x2m - t3m;
      // The twiddle factor of the fourth is that of the third a quarter turn on.
      const b3r = r * s2 + m * c2;
      const b3m = m * s2 - r * c2;
      re[i0] = x0r + t1r + b2r;
      im[i0] = x0m + t1m + b2m;
      re[i2] = x0r + t1r - b2r;
      im[i2] = x0m + t1m - b2m;
      re[i1] = x0r - t1r + b3r;
      im[i1] = x0m - t1m + b3m;
      re[i3] = x0r - t1r - b3r;
      im[i3] = x0m - t1m - b3m;
    }
  }
}
