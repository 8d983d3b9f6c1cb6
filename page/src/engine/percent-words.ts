/** A share of one core: `3.5 %`, `120 %`. */
export function percentWords(part: number): string {
  const percent = part * 100;
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}
