import { type Signal, signal } from "@preact/signals";

/** The time, in milliseconds since the epoch, once a second while the page is seen: for what shows how long something takes. */
export const nowMs: Signal<number> = signal(Date.now());

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1000);
document.addEventListener("visibilitychange", () => {
  nowMs.value = Date.now();
});
