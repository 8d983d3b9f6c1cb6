/** Where a key moves the chosen row of a list. Undefined: the key is not for the list. */
export function rowAfterKey(
  key: string,
  at: number | undefined,
  count: number,
  pageRows: number,
): number | undefined {
  if (count === 0) return undefined;
  const last = count - 1;
  const to = (row: number): number => Math.min(last, Math.max(0, row));
  switch (key) {
    case "ArrowDown":
    case "j":
      return at === undefined ? 0 : to(at + 1);
    case "ArrowUp":
    case "k":
      return at === undefined ? last : to(at - 1);
    case "PageDown":
      return to((at ?? 0) + Math.max(1, pageRows - 1));
    case "PageUp":
      return to((at ?? last) - Math.max(1, pageRows - 1));
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
