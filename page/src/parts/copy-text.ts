import { notify } from "../console.ts";

/** Puts text on the clipboard, and says so; also where the page has no secure context. */
export async function copyText(text: string, what = "copied"): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify("info", what);
  } catch {
    notify("error", "this browser let nothing onto its clipboard");
  }
}
