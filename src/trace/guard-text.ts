/** Most letters of a guard. */
const mostLetters = 120;

/** Parameters that name a channel, the one that is meant first. */
const channelNames = ["id", "targetid", "peerid", "lastpeerid"] as const;

/** A guard in short: `id=sip/1 text=5`, or the text of the function. */
export function guardText(guard: unknown): string | undefined {
  if (typeof guard === "function") return shortened(String(guard).replace(/\s+/g, " "));
  if (typeof guard !== "object" || guard === null) return undefined;
  const parts = Object.entries(guard).map(([name, value]) => `${name}=${value}`);
  return parts.length > 0 ? shortened(parts.join(" ")) : undefined;
}

/** A channel that the guard names, "" for none. */
export function guardChannel(guard: unknown): string {
  if (typeof guard !== "object" || guard === null) return "";
  const values = new Map<string, unknown>(Object.entries(guard));
  for (const name of channelNames) {
    const value = values.get(name);
    if (value !== undefined) return String(value);
  }
  return "";
}

function shortened(text: string): string {
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text;
}
