import type { VNode } from "preact";
import { calls, connection, hello } from "../console.ts";
import { classNames } from "../parts/class-names.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { nextTheme, type Theme, theme } from "../parts/theme.ts";
import { SecondPhone } from "../phone/second-phone.tsx";
import { linkBack, linkTo, route } from "../route.ts";
import { viewTabs } from "./view-tabs.ts";

const themeIcons: Record<Theme, IconName> = { auto: "auto", light: "sun", dark: "moon" };
const themeWords: Record<Theme, string> = { auto: "as the system", light: "light", dark: "dark" };

export function TopBar({ onHelp }: { readonly onHelp: () => void }): VNode {
  const { view } = route.value;
  const live = [...calls.value.values()].filter(({ state }) => state !== "ended").length;
  return (
    <header class="top">
      <h1 class="hidden-words">yayts console</h1>
      <a class="mark" href={linkTo("calls")} aria-label="yayts console">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <rect width="16" height="16" rx="4" />
          <path d="M4 4.5h2v7H4zM7.2 6.5h2v5h-2zM10.4 3.5h2v8h-2z" />
        </svg>
        yayts
      </a>
      <nav class="views" aria-label="views">
        {viewTabs.map((tab) => (
          <a
            key={tab.view}
            href={linkBack(tab.view)}
            aria-current={
              view === tab.view || (view === "phone" && tab.view === "calls") ? "page" : undefined
            }
          >
            {tab.text}
            {tab.view === "calls" && live > 0 && (
              <span class="badge good">
                {live}
                <span class="hidden-words"> live</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <span class="spread" />
      <EngineState />
      <SecondPhone />
      <button
        type="button"
        class="button plain icon"
        data-tip={`Colours: ${themeWords[theme.value]}`}
        aria-label={`colours: ${themeWords[theme.value]}`}
        onClick={nextTheme}
      >
        <Icon name={themeIcons[theme.value]} />
      </button>
      <button
        type="button"
        class="button plain icon help"
        data-tip="Keyboard"
        data-tip-side="left"
        aria-label="keyboard shortcuts"
        onClick={onHelp}
      >
        <Icon name="help" />
      </button>
    </header>
  );
}

/** Which engine it is, and whether it is there. */
function EngineState(): VNode {
  const facts = hello.value?.engine;
  const there = connection.state.value === "open";
  const good = there && facts?.state === "connected";
  const words =
    connection.state.value === "refused"
      ? "not let in"
      : connection.state.value === "elsewhere"
        ? "in another tab"
        : !facts
          ? "connecting"
          : !there
            ? "console lost"
            : facts.state === "connected"
              ? facts.kind === "yate"
                ? `YATE ${facts.version}`
                : "embedded engine"
              : `engine ${facts.state}`;
  return (
    <a class="engine-state" href={linkTo("engine")} data-tip={facts ? `${words}, ${facts.address}` : words}>
      <span class={classNames("dot", good ? "good" : facts ? "bad" : "warn", !good && "beating")} />
      <span class="cut">{words}</span>
      {good && <span class="dim cut mono">{facts.address}</span>}
    </a>
  );
}
