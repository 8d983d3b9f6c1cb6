import type { PhoneDesk } from "./phone/phone.ts";

/** Which pages are there. A session is one page's: the one that came last. */
export interface Sessions {
  /**
   * A page says that it is there.
   * @param rings whether calls to its phone may ring there: not at a page that could not answer them
   * @param onReplaced called when another page says the same
   * @returns what is to be called when it has gone
   */
  enter(session: string, rings: boolean, onReplaced: () => void): () => void;
  /** How many there are. */
  readonly size: number;
}

export function createSessions(phones: Pick<PhoneDesk, "present">): Sessions {
  const present = new Map<string, () => void>();
  return {
    get size() {
      return present.size;
    },
    enter(session, rings, onReplaced) {
      const before = present.get(session);
      present.set(session, onReplaced);
      if (before) before();
      else phones.present(session, rings);
      return () => {
        if (present.get(session) !== onReplaced) return;
        present.delete(session);
        phones.present(session, false);
      };
    },
  };
}
