/** The end of a path or URL, by which people know a file. */
export function shortFile(file: string): string {
  const path = file.replace(/[?#].*$/, "");
  return path.slice(path.lastIndexOf("/") + 1) || path;
}
