import type { VNode } from "preact";
import type { TracePlace } from "../../../src/trace/index.ts";
import { shortFile } from "./short-file.ts";

/** A line of an app's source: where, and what stands there. */
export function Place({ place }: { readonly place: TracePlace | undefined }): VNode {
  if (!place) return <span class="dim">place not known</span>;
  const { file, line, column, text, within } = place;
  return (
    <span class="source-place" title={`${file}:${line}:${column}`}>
      <span class="where mono">
        {shortFile(file)}:{line}
        {within && <span class="dim"> in {within}</span>}
      </span>
      {text && <code class="cut">{text}</code>}
    </span>
  );
}
