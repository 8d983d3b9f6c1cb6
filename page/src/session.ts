const key = "yayts-session";
/** A page that is being reloaded holds its name for a moment still. */
const patienceMs = 500;

/**
 * The page's own name. It survives a reload, so that calls do. A tab that was copied from another has its name as well, which the other one
 * holds: it takes a name, and has a phone, of its own.
 */
export async function takeSession(): Promise<string> {
  const known = sessionStorage.getItem(key);
  if (known && (await hold(known))) return known;
  const made = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  sessionStorage.setItem(key, made);
  await hold(made);
  return made;
}

/** Whether the name is this page's, from now until it is closed. */
function hold(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(`${key}-${name}`, { signal: AbortSignal.timeout(patienceMs) }, () => {
        resolve(true);
        return new Promise(() => {});
      })
      .catch(() => resolve(false));
  });
}
