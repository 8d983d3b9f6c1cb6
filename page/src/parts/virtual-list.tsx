import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { ComponentChildren, VNode } from "preact";
import { useId, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { classNames } from "./class-names.ts";
import { rowAfterKey } from "./list-keys.ts";

export interface VirtualListProps<T> {
  /** What screen readers call the list. */
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string | number;
  /** Of every row, in pixels. Default: `--row`. */
  readonly rowPx?: number;
  /** `listbox` (rows are options), or `grid`: what `row` renders are elements of role `gridcell`. Default `listbox`. */
  readonly role?: "listbox" | "grid";
  readonly row: (item: T, index: number) => ComponentChildren;
  readonly rowClass?: (item: T) => string | undefined;
  readonly selected?: string | number | undefined;
  readonly onSelect?: (item: T) => void;
  /** Enter, or a double click. */
  readonly onOpen?: (item: T) => void;
  /** Stays at the end while items come, as long as the user has not scrolled away from it. */
  readonly atEnd?: boolean;
  /** Told when the user leaves the end, or comes back to it. */
  readonly onAtEnd?: (atEnd: boolean) => void;
}

/** The height of a row in the design system, which differs for fingers. */
export function rowHeightPx(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 26;
}

/** A list of any length: only rows in view are in the document. Arrows, pages, Home and End choose; so does a click. */
export function VirtualList<T>(props: VirtualListProps<T>): VNode {
  const { label, items, keyOf, role = "listbox", row, rowClass, selected, onSelect, onOpen } = props;
  const { atEnd = false, onAtEnd } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [, renderAgain] = useReducer((n: number) => n + 1, 0);
  const [ownRowPx] = useState(rowHeightPx);
  const rowPx = props.rowPx ?? ownRowPx;
  const wasAtEnd = useRef(true);

  const options = {
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    getItemKey: (index: number) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    overscan: 8,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => renderAgain(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions({ ...virtualizer.options, ...options });
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // Measures again when rows have another height.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowPx]);
  // What matters is that items came.
  useLayoutEffect(() => {
    const element = box.current;
    if (atEnd && wasAtEnd.current && element) element.scrollTop = element.scrollHeight;
  }, [items, atEnd]);

  const chosen = selected === undefined ? -1 : items.findIndex((item) => keyOf(item) === selected);
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const current = items[chosen];
    if (event.key === "Enter" && current !== undefined) {
      (onOpen ?? onSelect)?.(current);
      return;
    }
    const pageRows = Math.floor((box.current?.clientHeight ?? 0) / rowPx);
    const to = rowAfterKey(event.key, chosen < 0 ? undefined : chosen, items.length, pageRows);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const item = items[to];
    if (item !== undefined) onSelect?.(item);
    virtualizer.scrollToIndex(to, { align: "auto" });
  };
  const scrolled = (): void => {
    const element = box.current;
    if (!element) return;
    const now = element.scrollHeight - element.scrollTop - element.clientHeight < rowPx;
    if (now !== wasAtEnd.current) onAtEnd?.(now);
    wasAtEnd.current = now;
  };

  const rows = virtualizer.getVirtualItems();
  const inView = rows.some(({ index }) => index === chosen);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is that of listRole
    <div
      ref={box}
      class="list"
      {...listRole(role, items.length)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the list has the focus for its rows
      tabIndex={0}
      {...{ "aria-label": label, "aria-activedescendant": inView ? `${id}-${chosen}` : undefined }}
      onKeyDown={press}
      onScroll={scrolled}
    >
      <div class="list-space" role="presentation" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {rows.map(({ index, start, key }) => {
          const item = items[index];
          if (item === undefined) return null;
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: its role is that of rowRole
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys for its rows
            <div
              key={key}
              id={`${id}-${index}`}
              {...rowRole(role, index, items.length, index === chosen)}
              class={classNames("list-row", rowClass?.(item))}
              style={{ height: `${rowPx}px`, transform: `translateY(${start}px)` }}
              onClick={() => onSelect?.(item)}
              onDblClick={() => onOpen?.(item)}
            >
              {row(item, index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function rowRole(role: "listbox" | "grid", index: number, count: number, chosen: boolean) {
  return role === "grid"
    ? ({ role: "row", "aria-rowindex": index + 1, "aria-selected": chosen } as const)
    : ({
        role: "option",
        "aria-posinset": index + 1,
        "aria-setsize": count,
        "aria-selected": chosen,
      } as const);
}

function listRole(role: "listbox" | "grid", count: number) {
  return role === "grid" ? ({ role, "aria-rowcount": count } as const) : ({ role } as const);
}
