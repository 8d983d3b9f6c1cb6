/** The key of a phone that a key of the keyboard is; undefined: none, or meant for the field that has the focus. */
export function keyOfPhone(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  readonly target: EventTarget | null;
}): string | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return undefined;
  if (!/^[0-9*#]$/.test(event.key) || isField(event.target)) return undefined;
  return event.key;
}

function isField(target: EventTarget | null): boolean {
  return target !== null && "tagName" in target && /^(INPUT|SELECT|TEXTAREA)$/.test(String(target.tagName));
}
