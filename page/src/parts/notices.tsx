import type { VNode } from "preact";
import { dismiss, notices } from "../console.ts";
import { classNames } from "./class-names.ts";
import { Icon } from "./icon.tsx";

/** What the page has to say, at the lower edge: errors at once to screen readers, the rest when they have time. */
export function Notices(): VNode {
  return (
    <div class="notices">
      {notices.value.map(({ key, level, text }) => (
        <div key={key} class={classNames("notice", level)} role={level === "error" ? "alert" : "status"}>
          <p>{text}</p>
          <button
            type="button"
            class="button plain icon small"
            aria-label="dismiss"
            onClick={() => dismiss(key)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
