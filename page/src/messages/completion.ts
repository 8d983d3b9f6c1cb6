/** Something that can be chosen to complete what is typed. */
export interface Choice {
  readonly value: string;
  /** What it is, in a few words or sentences. */
  readonly about: string;
}

/**
 * The choices that fit what was typed, the best first: those that begin with it, then those of which a part (after a dot or an
 * underscore) does, then those that contain it. Case does not matter.
 */
export function fittingChoices(choices: readonly Choice[], typed: string, most = 50): readonly Choice[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return choices.slice(0, most);
  const ranked: { readonly choice: Choice; readonly rank: number }[] = [];
  for (const choice of choices) {
    const at = choice.value.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    const rank =
      at === 0 ? 0 : /[\w]/.test(choice.value[at - 1] ?? "") && choice.value[at - 1] !== "_" ? 2 : 1;
    ranked.push({ choice, rank });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ choice }) => choice);
}
