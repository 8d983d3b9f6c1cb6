import { effect, type Signal, signal } from "@preact/signals";

/**
 * A signal whose value is kept in this browser. What was kept by an older page and does not fit any more is dropped:
 * @param fits tells whether a value that was found is one
 * @param place `sessionStorage` for what is this tab's alone
 */
export function stored<T>(
  name: string,
  start: T,
  fits: (found: unknown) => found is T,
  place: Storage = localStorage,
): Signal<T> {
  const made = signal(read(name, start, fits, place));
  effect(() => {
    try {
      place.setItem(`yayts-${name}`, JSON.stringify(made.value));
    } catch {
      // A browser that keeps nothing (private, full) is no reason to stop.
    }
  });
  return made;
}

function read<T>(name: string, start: T, fits: (found: unknown) => found is T, place: Storage): T {
  try {
    const text = place.getItem(`yayts-${name}`);
    const found: unknown = text === null ? undefined : JSON.parse(text);
    return fits(found) ? found : start;
  } catch {
    return start;
  }
}
