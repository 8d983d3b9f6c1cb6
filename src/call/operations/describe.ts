/** Most letters of a detail or a result. */
const mostLetters = 120;

const listed = 4;

/** What an operation was asked to do, in short: `digits/5`, `min=1 max=4`, a target. */
export function detailOf(args: readonly unknown[]): string {
  return shortened(args.map(shown).filter(Boolean).join(" "));
}

/** How it ended: the `kind`, and the rest in short. */
export function resultOf(outcome: unknown): { readonly kind: string; readonly result: string } {
  if (typeof outcome !== "object" || outcome === null) return { kind: "done", result: shown(outcome) };
  const { kind, ...rest } = outcome as { readonly kind?: unknown };
  const word = typeof kind === "string" ? kind : "done";
  if ("digits" in rest && word === "digits") return { kind: word, result: String(rest.digits) };
  return { kind: word, result: shortened(fields(rest)) };
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) {
    const more = value.length > listed ? ` … (${value.length})` : "";
    return value.slice(0, listed).map(shown).filter(Boolean).join(" ") + more;
  }
  if (typeof value !== "object" || value === null) return "";
  // Playables tell what they are by their kind; calls, queues and rooms by their name or id.
  if ("kind" in value) {
    const { kind } = value;
    if (kind === "text" && "text" in value) return `“${shown(value.text)}”`;
    if (kind === "tone" && "name" in value) return `tone ${shown(value.name)}`;
    if (kind === "value" && "promptsIn" in value && typeof value.promptsIn === "function")
      return shown(value.promptsIn("en"));
    if (typeof kind === "string") return kind;
  }
  if ("signal" in value && "id" in value) return shown(value.id);
  if ("name" in value && typeof value.name === "string") return value.name;
  return fields(value);
}

/** What is plain among the fields; prompts by their name alone. */
function fields(value: object): string {
  const parts: string[] = [];
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined || field === "" || typeof field === "function" || name === "signal") continue;
    if (name === "choices" && typeof field === "object" && field !== null) {
      parts.push(`keys=${Object.keys(field).join("")}`);
      continue;
    }
    const plain = typeof field !== "object" || field instanceof Error || isPlayable(field);
    if (!plain) continue;
    const text = shown(field);
    if (text) parts.push(name === "prompt" || name === "error" ? text : `${name}=${text}`);
  }
  return parts.join(" ");
}

function isPlayable(value: object | null): boolean {
  if (value === null) return false;
  return Array.isArray(value) || ("kind" in value && typeof value.kind === "string");
}

function shortened(text: string): string {
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text;
}
