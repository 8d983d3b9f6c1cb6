import type { VNode } from "preact";

export function AppView(): VNode {
  return <section class="view" aria-label="app" />;
}
