/** A number worth calling. */
export interface Suggestion {
  readonly number: string;
  readonly from: "app" | "recent";
}

/** What fits what was typed: first those that the app takes, then recent ones; of both first those that begin so. */
export function suggest(
  typed: string,
  targets: readonly string[],
  recent: readonly string[],
): readonly Suggestion[] {
  const wanted = typed.trim().toLowerCase();
  const all: Suggestion[] = [
    ...targets.map((number) => ({ number, from: "app" as const })),
    ...recent
      .filter((number) => !targets.includes(number))
      .map((number) => ({ number, from: "recent" as const })),
  ];
  const at = ({ number }: Suggestion): number => number.toLowerCase().indexOf(wanted);
  const fitting = all.filter((suggestion) => at(suggestion) >= 0);
  return [...fitting.filter((one) => at(one) === 0), ...fitting.filter((one) => at(one) > 0)].slice(0, 8);
}
