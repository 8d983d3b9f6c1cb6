import type { EngineMessage } from "../../engine/index.ts";

/**
 * A text with `${name}` and `${name$fallback}` replaced by the message's parameters; one that is not there is the fallback, or
 * nothing. What is filled in is not read again. A `${` without its end stays as it is.
 */
export function fillParams(text: string, message: EngineMessage): string {
  return text.replaceAll(
    /\$\{([^}$]*)(?:\$([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => message.get(name.trim()) ?? fallback ?? "",
  );
}
