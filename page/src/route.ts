import { type Signal, signal } from "@preact/signals";

/** Where the page is, from the address's fragment: `#/calls/<id>`. `phone` is a view of its own on a narrow screen only; on a wide one the calls are beside it. */
export interface Route {
  readonly view: "phone" | "calls" | "messages" | "engine" | "app";
  /** The rest of the path, decoded. */
  readonly rest: string;
}

const views: readonly string[] = ["phone", "calls", "messages", "engine", "app"] satisfies Route["view"][];

export const route: Signal<Route> = signal(read());

function read(): Route {
  const [, view = "", rest = ""] = /^#\/(\w*)\/?(.*)$/.exec(location.hash) ?? [];
  if (views.includes(view)) return { view: view as Route["view"], rest: decode(rest) };
  // Where there is room for one thing only, it is the phone: so it is for one who has scanned the code of a second phone.
  return { view: matchMedia("(width < 720px)").matches ? "phone" : "calls", rest: "" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function linkTo(view: Route["view"], rest = ""): string {
  return `#/${view}${rest ? `/${encodeURIComponent(rest)}` : ""}`;
}

export function goTo(view: Route["view"], rest = ""): void {
  location.hash = linkTo(view, rest);
}

/** What was looked at last in each view. */
const last = new Map<Route["view"], string>();

/** To a view as it was left; from within that view, to its beginning. */
export function linkBack(view: Route["view"]): string {
  return linkTo(view, route.value.view === view ? "" : last.get(view));
}

addEventListener("hashchange", () => {
  const { view, rest } = read();
  last.set(view, rest);
  route.value = { view, rest };
});
