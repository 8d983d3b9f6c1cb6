/** CSeq (RFC 3261 §20.16). */
export interface CSeq {
  /** Below 2^31. */
  readonly number: number;
  readonly method: string;
}

/** Reads CSeq. Undefined when it is none or its number is out of range (RFC 3261 §8.1.1.5). */
export function parseCSeq(text: string): CSeq | undefined {
  const [, digits, method] = /^(\d+)[ \t]+([\w!%'*+.`~-]+)$/.exec(text) ?? [];
  if (digits === undefined || method === undefined) return undefined;
  const number = Number(digits);
  return number < 2 ** 31 ? { number, method } : undefined;
}
