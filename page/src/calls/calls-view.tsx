import type { VNode } from "preact";

export function CallsView(): VNode {
  return <section class="view" aria-label="calls" />;
}
