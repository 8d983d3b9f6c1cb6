import type { Clock } from "../../base/index.ts";
import { type Contact, replaces } from "./contact.ts";

/** A contact, and when it stops to count on the clock's monotonic scale; undefined: never. */
interface Held {
  readonly contact: Contact;
  readonly endsMs: number | undefined;
}

/** A contact with the milliseconds it has left; undefined: for ever. */
export interface RegisteredContact {
  readonly contact: Contact;
  readonly leftMs: number | undefined;
}

/** Who is registered where. Times are exact: a contact that has expired is not found, swept or not. */
export interface Registrations {
  /** A user's contacts, the newest first. */
  contacts(user: string): readonly Contact[];
  /** How many users have a contact, those included whose last one has expired since the sweep. */
  readonly users: number;
  /** All that count, by user. */
  all(): Map<string, RegisteredContact[]>;
  /**
   * Adds a contact, or renews the one it replaces.
   * @param lifeMs undefined: for ever
   * @returns the contact that had to go because the user has too many
   */
  add(user: string, contact: Contact, lifeMs: number | undefined): Contact | undefined;
  /** Removes one contact of a user, or with undefined all; false when there was none. */
  remove(user: string, contact: Contact | undefined): boolean;
  /** Removes what came over a connection; gives the users. */
  removeConnection(id: string): string[];
  /** Forgets what has expired; gives the users that have lost a contact. */
  sweep(): string[];
}

/** @param maxContacts of a user */
export function createRegistrations(clock: Clock, maxContacts = 10): Registrations {
  const byUser = new Map<string, readonly Held[]>();
  const counts = ({ endsMs }: Held): boolean => endsMs === undefined || clock.monotonicMs() < endsMs;
  const put = (user: string, held: readonly Held[]): void => {
    if (held.length > 0) byUser.set(user, held);
    else byUser.delete(user);
  };
  /** The user's contacts that count; what has expired is forgotten on the way. */
  const present = (user: string): readonly Held[] => {
    const held = byUser.get(user) ?? [];
    if (held.every(counts)) return held;
    const left = held.filter(counts);
    put(user, left);
    return left;
  };
  const removeWhere = (unwanted: (held: Held) => boolean): string[] => {
    const users: string[] = [];
    for (const [user, held] of [...byUser]) {
      const left = held.filter((one) => !unwanted(one));
      if (left.length === held.length) continue;
      put(user, left);
      users.push(user);
    }
    return users;
  };
  return {
    contacts: (user) => present(user).map(({ contact }) => contact),
    get users() {
      return byUser.size;
    },
    all() {
      const now = clock.monotonicMs();
      const list = [...byUser.keys()].map((user) => {
        const contacts = present(user).map(({ contact, endsMs }) => ({
          contact,
          leftMs: endsMs === undefined ? undefined : endsMs - now,
        }));
        return [user, contacts] as const;
      });
      return new Map(list.filter(([, contacts]) => contacts.length > 0));
    },
    add(user, contact, lifeMs) {
      const endsMs = lifeMs === undefined ? undefined : clock.monotonicMs() + lifeMs;
      const others = present(user).filter((held) => !replaces(contact, held.contact));
      put(user, [{ contact, endsMs }, ...others].slice(0, maxContacts));
      return others[maxContacts - 1]?.contact;
    },
    remove(user, contact) {
      const held = present(user);
      if (!contact) return byUser.delete(user);
      let left = held.filter((one) => !replaces(contact, one.contact));
      if (left.length === held.length && contact.callId !== "") {
        // Behind a NAT that has changed the address: the Call-ID tells, if it is the only one.
        const same = held.filter((one) => one.contact.callId === contact.callId);
        if (same.length === 1) left = held.filter((one) => one !== same[0]);
      }
      put(user, left);
      return left.length < held.length;
    },
    removeConnection: (id) => removeWhere(({ contact }) => contact.connection === id),
    sweep: () => removeWhere((held) => !counts(held)),
  };
}
