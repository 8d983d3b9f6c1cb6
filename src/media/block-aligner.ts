/**
 * Cuts a stream of byte blocks at multiples of a unit: the rest of a block waits for the next one. Also sees to it
 * that a block can be viewed as 16-bit samples.
 */
export class BlockAligner {
  readonly #unitBytes: number;
  readonly #rest: Uint8Array;
  #restBytes = 0;

  /** @param unitBytes size of what must not be cut, at least 1. */
  constructor(unitBytes: number) {
    this.#unitBytes = unitBytes;
    this.#rest = new Uint8Array(unitBytes);
  }

  /** Bytes waiting for the next block, less than a unit. */
  get pendingBytes(): number {
    return this.#restBytes;
  }

  /** Takes a block and gives the whole units there are, at an even offset. May be the same array, or empty. */
  push(block: Uint8Array): Uint8Array {
    const total = this.#restBytes + block.length;
    const rest = total % this.#unitBytes;
    if (this.#restBytes === 0 && rest === 0) {
      return block.byteOffset % 2 === 0 ? block : block.slice();
    }
    const whole = new Uint8Array(total - rest);
    if (whole.length === 0) {
      this.#rest.set(block, this.#restBytes);
    } else {
      whole.set(this.#rest.subarray(0, this.#restBytes));
      whole.set(block.subarray(0, block.length - rest), this.#restBytes);
      this.#rest.set(block.subarray(block.length - rest));
    }
    this.#restBytes = rest;
    return whole;
  }
}

/** Views whole 16-bit samples as such. The bytes must begin at an even offset; a last odd byte is left out. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** Views samples as the bytes that hold them. */
export function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
