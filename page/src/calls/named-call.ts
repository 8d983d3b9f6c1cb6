import { calls } from "../console.ts";
import { past } from "./past-calls.ts";

/** The name of the call that an address means: its own, or that of one of its channels, which is all that a phone's line knows. */
export function namedCall(name: string): string {
  if (calls.value.has(name)) return name;
  const found = [...calls.value.values(), ...past.value]
    .filter(({ id, channels }) => id === name || channels.includes(name))
    .sort((a, b) => b.startedMs - a.startedMs);
  return found[0]?.id ?? name;
}
