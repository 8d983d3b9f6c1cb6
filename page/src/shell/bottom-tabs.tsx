import type { VNode } from "preact";
import { phone } from "../console.ts";
import { Icon } from "../parts/icon.tsx";
import { linkBack, route } from "../route.ts";
import { viewTabs } from "./view-tabs.ts";

/** The views of a narrow screen, under the thumb; the phone is one of them. */
export function BottomTabs(): VNode {
  const { view } = route.value;
  const busy = phone.value.lines.filter(({ state }) => state !== "ended").length;
  return (
    <nav class="bottom-tabs" aria-label="views and phone">
      {[{ view: "phone" as const, text: "Phone", icon: "phone" as const }, ...viewTabs].map((tab) => (
        <a key={tab.view} href={linkBack(tab.view)} aria-current={view === tab.view ? "page" : undefined}>
          <Icon name={tab.icon} />
          <span>{tab.text}</span>
          {tab.view === "phone" && busy > 0 && (
            <span class="badge good">
              {busy}
              <span class="hidden-words"> lines</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
