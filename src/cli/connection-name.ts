import type { Yate } from "../bus/index.ts";

/** Gives a connection its name, once what may name it itself has had its turn. */
export type NameConnection = () => Promise<void>;

/**
 * Prepares to name a connection, for those who look at the engine: the embedded engine tells its name as sender and handler of
 * messages; a real YATE has it in its log. The name can be given once (spec/protocol.md §8, `debugname`), so an app that gives
 * itself one keeps it.
 */
export function connectionNamer(yate: Yate, name: string): NameConnection {
  const before = yate.setlocal("debugname");
  return async () => {
    try {
      const [was, is] = await Promise.all([before, yate.setlocal("debugname")]);
      if (was === is) await yate.setlocal("debugname", name);
    } catch {
      // A connection without a name of its own works as well; that the engine has gone is noticed elsewhere.
    }
  };
}
