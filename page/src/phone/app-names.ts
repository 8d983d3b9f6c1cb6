import { type Signal, signal } from "@preact/signals";
import { connection } from "../console.ts";

/** Names of the apps' connections, as the engine last told; followed only while it matters to somebody. */
export const appNames: Signal<readonly string[]> = signal([]);

connection.on("engine", ({ engine }) => {
  const names = (engine?.connections ?? []).map(({ name }) => name).filter((name) => name !== "console");
  if (names.join("\n") !== appNames.value.join("\n")) appNames.value = names;
});
