import type { VNode } from "preact";
import { Dialog } from "./dialog.tsx";
import { type Shortcut, shortcuts } from "./shortcuts.ts";

const groups: readonly Shortcut["group"][] = ["Go to", "Phone", "In a view", "Page"];

/** Keys that are no shortcuts of the page, but of its parts. */
const more: readonly { readonly keys: string; readonly what: string; readonly group: Shortcut["group"] }[] = [
  { keys: "0 … #", what: "keys of the call, with the focus in the phone", group: "Phone" },
  { keys: "↑ ↓", what: "previous, next row of a list", group: "In a view" },
  { keys: "Esc", what: "close", group: "Page" },
];

/** All keys of the page. */
export function ShortcutSheet({ onClose }: { readonly onClose: () => void }): VNode {
  const latest = new Map([...shortcuts.value, ...more].map((shortcut) => [shortcut.keys, shortcut]));
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div class="shortcuts">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {[...latest.values()]
                .filter((shortcut) => shortcut.group === group)
                .flatMap(({ keys, what }) => [
                  <dt key={keys}>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>,
                  <dd key={`${keys} what`}>{what}</dd>,
                ])}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
