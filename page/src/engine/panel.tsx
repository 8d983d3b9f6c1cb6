import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";

/** A titled part of a view, with how many there are. */
export function Panel(props: {
  readonly title: string;
  readonly count?: number | undefined;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  const id = useId();
  return (
    <section class="panel card" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.count !== undefined && <span class="badge">{props.count}</span>}
        <span class="spread" />
        {props.tools}
      </header>
      <div class="panel-body">{props.children}</div>
    </section>
  );
}
