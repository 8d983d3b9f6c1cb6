import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Console } from "../../console/index.ts";

/** A page that was left open looks for its console at least so often. */
const comesBackMs = 1200;

/** Opens a console in the browser, unless a page of it is there already or comes back by itself. */
export async function browse(
  console: Pick<Console, "linkIsKnown" | "linkForOnce" | "pages">,
  signal: AbortSignal,
): Promise<void> {
  if (console.linkIsKnown) await sleep(comesBackMs, undefined, { signal }).catch(() => {});
  if (signal.aborted || console.pages > 0) return;
  openBrowser(console.linkForOnce());
}

/** Whether there is a screen to open a browser on, or a program that knows of one. `BROWSER=none` says that none is wanted. */
export function hasScreen(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment.BROWSER === "none" || environment.CI) return false;
  // Editors that work on another machine give a terminal there a program that opens the link here.
  if (environment.BROWSER) return true;
  if (process.platform === "win32") return true;
  if (process.platform === "darwin") return !environment.SSH_CONNECTION;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY || environment.WSL_DISTRO_NAME);
}

/** Opens a link with what the system has for that. That there is nothing is no failure: the link is printed as well. */
function openBrowser(url: string): void {
  const [command, args] = openerOf(url);
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  child.once("error", () => {});
  child.unref();
}

function openerOf(url: string): [command: string, args: string[]] {
  const { BROWSER: wanted } = process.env;
  if (wanted && process.platform !== "win32") return [wanted, [url]];
  if (process.platform === "win32") return ["cmd", ["/c", "start", "", url]];
  if (process.platform === "darwin") return ["open", [url]];
  return process.env.WSL_DISTRO_NAME ? ["cmd.exe", ["/c", "start", "", url]] : ["xdg-open", [url]];
}
