import type { VNode } from "preact";

export function MessagesView(): VNode {
  return <section class="view" aria-label="messages" />;
}
