import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { hello } from "../console.ts";
import { copyText } from "../parts/copy-text.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";

/** The way to a second phone: a code to scan with a mobile, or a link. Nothing where the console has no address that others reach. */
export function SecondPhone(): VNode | null {
  const open = useSignal(false);
  const second = hello.value?.secondPhone;
  const show = (on: boolean) => () => {
    open.value = on;
  };
  return (
    <>
      <button
        type="button"
        class="button plain icon"
        data-tip="A second phone"
        aria-label="a second phone"
        onClick={show(true)}
      >
        <Icon name="qr" />
      </button>
      {open.value && (
        <Dialog title="A second phone" onClose={show(false)}>
          {second ? (
            <div class="second">
              {/* The console made this picture itself. */}
              <div
                class="qr"
                role="img"
                aria-label="code with the link below"
                dangerouslySetInnerHTML={{ __html: second.qrSvg }}
              />
              <p>
                Scan this with a mobile in the same network. Its browser will warn about the certificate,
                which this console made for itself: go on from there.
              </p>
              <div class="second-link">
                <a class="mono cut" href={second.url} target="_blank" rel="noreferrer">
                  {second.url}
                </a>
                <button
                  type="button"
                  class="button small"
                  onClick={() => void copyText(second.url, "link copied")}
                >
                  <Icon name="copy" /> Copy
                </button>
              </div>
            </div>
          ) : (
            <div class="second">
              <p>
                Open this page in another browser window, and it is a second phone with a number of its own:
                try a transfer between the two.
              </p>
              <p class="dim">
                This console is reached from this machine only. For a mobile in the same network, start it
                with <code>--host 0.0.0.0</code>; a code to scan will be here then.
              </p>
              <a class="button" href={location.pathname} target="_blank" rel="noopener">
                <Icon name="plus" /> Open another phone
              </a>
            </div>
          )}
        </Dialog>
      )}
    </>
  );
}
