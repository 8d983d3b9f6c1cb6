// biome-ignore-all lint/a11y/useSemanticElements: cells of a grid of which only what is in view is there
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its row
import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { memo } from "preact/compat";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { classNames } from "../parts/class-names.ts";
import { rowAfterKey } from "../parts/list-keys.ts";
import { countWords } from "../parts/time-words.ts";
import type { MessageRow } from "./message-book.ts";
import { columns, MessageCells } from "./message-cells.tsx";
import { scrollToShow, visibleRange } from "./visible-range.ts";

/** Below this width a row has two lines. */
const narrowPx = 620;

/** More than there are ever in the document at once, so that no two of them share a key. */
const pool = 512;

interface MessageTableProps {
  readonly rows: readonly MessageRow[];
  readonly chosen: MessageRow | undefined;
  readonly onChoose: (row: MessageRow | undefined) => void;
  readonly onOpen: (row: MessageRow) => void;
}

/**
 * The live table. Rows have one height and only those in view are in the document, so that it costs the same with ten rows and with
 * ten thousand. It follows the end until the user scrolls away, or chooses a row; rows that are dropped at the front move nothing.
 */
export function MessageTable({ rows, chosen, onChoose, onOpen }: MessageTableProps): VNode {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [{ height, width, rowPx, headPx }, setSize] = useState({
    height: 400,
    width: 900,
    rowPx: 26,
    headPx: 26,
  });
  const [scrollTop, setScrollTop] = useState(0);
  /** Whether the end is followed; else the number of the last row that was there when it was left. */
  const leftAt = useSignal<number | undefined>(undefined);
  const firstN = useRef<number | undefined>(undefined);

  const narrow = width < narrowPx;
  const viewHeight = height - headPx;
  const total = rows.length * rowPx;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => {
      const head = element.querySelector(".message-head")?.getBoundingClientRect().height ?? 0;
      const row = Number.parseFloat(getComputedStyle(element).getPropertyValue("--row")) || 26;
      const wide = element.clientWidth >= narrowPx;
      setSize({
        height: element.clientHeight,
        width: element.clientWidth,
        rowPx: wide ? row : row + 20,
        headPx: wide ? head : 0,
      });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Rows that were dropped at the front since the last time: what is in view stays where it is.
  const first = rows[0]?.n;
  const droppedRows =
    leftAt.value !== undefined && first !== undefined && firstN.current !== undefined
      ? Math.max(0, first - firstN.current)
      : 0;
  const following = leftAt.value === undefined;
  const top = following ? Math.max(0, total - viewHeight) : Math.max(0, scrollTop - droppedRows * rowPx);
  useLayoutEffect(() => {
    firstN.current = first;
    const element = box.current;
    if (element && (following || droppedRows > 0)) element.scrollTop = following ? total : top;
    if (droppedRows > 0) setScrollTop(top);
  });

  // The detail takes place from the table when it opens: the row that it is about stays in view.
  const at = chosen ? indexOf(rows, chosen.n) : -1;
  const lastHeight = useRef(viewHeight);
  useLayoutEffect(() => {
    const element = box.current;
    const was = lastHeight.current;
    lastHeight.current = viewHeight;
    if (!element || at < 0 || viewHeight >= was) return;
    const { scrollTop: before } = element;
    if (scrollToShow(at, before, was, rowPx) === before)
      element.scrollTop = scrollToShow(at, before, viewHeight, rowPx);
  }, [viewHeight, at, rowPx]);

  const leave = (): void => {
    if (leftAt.value === undefined) leftAt.value = rows.at(-1)?.n ?? -1;
  };
  const follow = (): void => {
    leftAt.value = undefined;
  };
  const scrolled = (): void => {
    const element = box.current;
    if (!element) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    // Only the user brings it back to the end; new rows alone never do.
    if (leftAt.value !== undefined && left < 2 && element.scrollTop > scrollTop) follow();
    if (!following) setScrollTop(element.scrollTop);
  };
  const awayByWheel = (event: WheelEvent): void => {
    if (event.deltaY < 0 && total > viewHeight) {
      setScrollTop(box.current?.scrollTop ?? 0);
      leave();
    }
  };
  const awayByPointer = (event: PointerEvent): void => {
    // The scrollbar, or a finger.
    if (event.target === box.current || event.pointerType === "touch") {
      setScrollTop(box.current?.scrollTop ?? 0);
      leave();
    }
  };
  const choose = (row: MessageRow | undefined): void => {
    setScrollTop(box.current?.scrollTop ?? 0);
    leave();
    onChoose(row);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (chosen && event.key === "Enter") onOpen(chosen);
    if (chosen && event.key === "Escape") onChoose(undefined);
    const to = rowAfterKey(event.key, at < 0 ? undefined : at, rows.length, Math.floor(viewHeight / rowPx));
    const row = to === undefined ? undefined : rows[to];
    if (to === undefined || !row) return;
    event.preventDefault();
    event.stopPropagation();
    choose(row);
    const element = box.current;
    if (element) element.scrollTop = scrollToShow(to, element.scrollTop, viewHeight, rowPx);
    if (event.key === "End") follow();
  };

  const { from, to } = visibleRange(top, viewHeight, rowPx, rows.length);
  const news =
    leftAt.value === undefined || total <= viewHeight
      ? 0
      : Math.max(0, (rows.at(-1)?.n ?? -1) - leftAt.value);
  return (
    <div class="message-table">
      <div
        ref={box}
        class={classNames("message-grid", narrow && "narrow")}
        role="grid"
        tabIndex={0}
        aria-label="messages"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={at >= from && at < to ? `${id}-${chosen?.n}` : undefined}
        onKeyDown={press}
        onScroll={scrolled}
        onWheel={awayByWheel}
        onPointerDown={awayByPointer}
      >
        <div class="message-head" role="row" aria-rowindex={1}>
          {columns.map(({ key, text }) => (
            <span key={key} role="columnheader" class={key}>
              {text}
            </span>
          ))}
        </div>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows in it are what is clicked */}
        <div
          class="message-space"
          role="presentation"
          style={{ height: `${total}px` }}
          onClick={(event) => choose(rowAt(event, rows))}
          onDblClick={(event) => {
            const row = rowAt(event, rows);
            if (row) onOpen(row);
          }}
        >
          <div role="presentation" style={{ transform: `translateY(${from * rowPx}px)` }}>
            {rows.slice(from, to).map((row, i) => (
              <Row
                // Rows that go are used again for those that come, which costs half of making new ones.
                key={row.n % pool}
                id={`${id}-${row.n}`}
                row={row}
                index={from + i}
                heightPx={rowPx}
                chosen={row.n === chosen?.n}
              />
            ))}
          </div>
        </div>
      </div>
      {news > 0 && (
        <button type="button" class="button primary small news" onClick={follow}>
          {countWords(news)} new ↓
        </button>
      )}
    </div>
  );
}

/** Drawn again only when it moves or is chosen: what it tells never changes. */
const Row = memo(function Row(props: {
  readonly id: string;
  readonly row: MessageRow;
  readonly index: number;
  readonly heightPx: number;
  readonly chosen: boolean;
}): VNode {
  const { id, row, index, heightPx, chosen } = props;
  return (
    <div
      id={id}
      class="message-row"
      role="row"
      data-n={row.n}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      style={{ height: `${heightPx}px` }}
    >
      <MessageCells row={row} />
    </div>
  );
});

function rowAt(event: MouseEvent, rows: readonly MessageRow[]): MessageRow | undefined {
  const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-n]") : null;
  return element ? rows[indexOf(rows, Number(element.dataset.n))] : undefined;
}

/** Rows ascend by their numbers. */
function indexOf(rows: readonly MessageRow[], n: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = rows[middle]?.n ?? 0;
    if (found === n) return middle;
    if (found < n) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
