import type { IconName } from "../parts/icon.tsx";
import type { Route } from "../route.ts";

export interface ViewTab {
  readonly view: Route["view"];
  readonly text: string;
  readonly icon: IconName;
}

/** The views besides the phone, in their order. */
export const viewTabs: readonly ViewTab[] = [
  { view: "calls", text: "Calls", icon: "calls" },
  { view: "messages", text: "Messages", icon: "messages" },
  { view: "engine", text: "Engine", icon: "engine" },
  { view: "app", text: "App", icon: "app" },
];
