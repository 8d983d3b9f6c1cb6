import type { VNode } from "preact";
import { connection, hello } from "../console.ts";
import { Icon } from "../parts/icon.tsx";

/** What is wrong with the way to the console or to the engine, and what to do. Nothing while all is well. */
export function ConnectionBanner(): VNode | null {
  const state = connection.state.value;
  if (state === "refused")
    return (
      <div class="banner bad" role="alert">
        <Icon name="warning" />
        <p>
          <strong>This link is not valid (any more).</strong> The console takes only the link that it printed
          when it started: look in its terminal for a line with <code>#token=</code> and open that.
        </p>
      </div>
    );
  if (state === "elsewhere")
    return (
      <div class="banner warn" role="alert">
        <Icon name="warning" />
        <p>
          <strong>This phone is in use in another tab.</strong> Go on there, or{" "}
          <button type="button" class="button" onClick={() => connection.takeBack()}>
            use it here
          </button>
        </p>
      </div>
    );
  if (state === "lost")
    return (
      <div class="banner warn" role="alert">
        <Icon name="warning" />
        <p>
          <strong>The console is gone.</strong> Trying to reach it again. If you stopped it, start{" "}
          <code>yayts dev</code> or <code>yayts console</code> anew; your calls wait half a minute for this
          page.
        </p>
      </div>
    );
  const engine = hello.value?.engine;
  if (state === "open" && engine && engine.state !== "connected")
    return (
      <div class="banner warn" role="alert">
        <Icon name="warning" />
        <p>
          <strong>The engine at {engine.address} is not there.</strong>{" "}
          {engine.state === "reconnecting"
            ? "The console tries to reach it again by itself."
            : "Start it again, and the console after it."}
        </p>
      </div>
    );
  if (state === "open" && hello.value?.viewOnly)
    return (
      <div class="banner" role="status">
        <Icon name="info" />
        <p>You may look only: this link has no token for calls and other actions.</p>
      </div>
    );
  return null;
}
