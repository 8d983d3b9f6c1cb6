import type { VNode } from "preact";

export function PhonePanel(): VNode {
  return <aside class="phone" aria-label="phone" />;
}
