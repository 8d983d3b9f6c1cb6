import type { CallCore } from "../call-core.ts";
import type { Done, Failed, HangUp } from "../outcomes.ts";
import type { CallSound } from "../sound/call-sound.ts";
import { type GatherOptions, type GatherOutcome, gather } from "./gather.ts";
import type { Key } from "./key.ts";
import { type MenuOutcome, menu } from "./menu.ts";
import type { ChosenOf, MenuChoices, MenuOptions } from "./menu-options.ts";
import { type SendDtmfOptions, sendDtmf } from "./send-dtmf.ts";

/** What the party types, and what is typed to it. */
export interface CallKeys {
  /**
   * Every key as it is pressed, for a `for await` loop; what was typed before it and not read comes first. The loop ends with
   * the call. While a question (`gather`, `menu`) is open, its keys are not seen here.
   */
  dtmf(): AsyncIterableIterator<Key>;
  /**
   * Asks for digits: plays the prompt, waits for the first digit, then for each further one, until the finish key, the most
   * digits or the gap ends them. Of several questions that are open at once the newest has the keys.
   */
  gather(options?: GatherOptions): Promise<GatherOutcome>;
  /** Offers choices by key, with help, repetition, the way back and a person, each by a key of its own if there is one. */
  menu<const C extends MenuChoices>(options: MenuOptions<C>): Promise<MenuOutcome<ChosenOf<C>>>;
  /** Forgets what the party typed ahead, and tells it. */
  flushKeys(): string;
  /**
   * Presses keys for the party; done when it has heard the last one. A second one waits for the first. Fails with
   * `keys-refused` when the phone takes none, with `call-elsewhere` while the party is with somebody else.
   * @param keys out of 0-9 * # A-D; a comma is a pause of a second
   */
  sendDtmf(keys: string, options?: SendDtmfOptions): Promise<Done | HangUp | Failed>;
}

/** @param sound plays the prompts */
export function callKeys(core: CallCore, sound: Pick<CallSound, "play">): CallKeys {
  let sending: Promise<unknown> = Promise.resolve();
  return {
    async *dtmf() {
      using reader = core.keys.open();
      for (;;) {
        const typed = await reader.next();
        if (!typed) return;
        yield typed.key;
      }
    },
    gather: (options = {}) => gather(core, sound, options),
    menu: (options) => menu(core, sound, options),
    flushKeys: () => core.keys.flush(),
    sendDtmf(keys, options = {}) {
      const sent = sending.then(() => sendDtmf(core, keys, options));
      sending = sent.catch(() => {});
      return sent;
    },
  };
}
