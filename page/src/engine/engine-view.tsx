import type { VNode } from "preact";

export function EngineView(): VNode {
  return <section class="view" aria-label="engine" />;
}
