import { type Disconnected, YaytsError } from "../base/index.ts";
import type { Link } from "./link.ts";
import type { ParamValue } from "./params.ts";
import { createWait, type PendingWait, type Wait } from "./wait.ts";

/** The local settings of a connection: asked for in order, answered by name, set again on a fresh engine. */
export interface Settings {
  set(name: string, value?: ParamValue): Wait<string>;
  answered(name: string, value: string, ok: boolean): void;
  restore(): void;
  rejectAll(error: Error): void;
}

/** @param lost why nothing can be asked now; undefined when it can */
export function createSettings(link: Link, lost: () => Disconnected | undefined): Settings {
  const wanted = new Map<string, string>();
  const questions: { readonly name: string; readonly pending: PendingWait<string> }[] = [];

  return {
    set(name, value) {
      const pending = createWait<string>(`setlocal ${name}`, undefined);
      const error = lost();
      if (error) {
        pending.reject(error);
        return pending.wait;
      }
      const text = value === undefined ? undefined : String(value);
      if (text !== undefined) wanted.set(name, text);
      questions.push({ name, pending });
      link.setlocal(name, text);
      return pending.wait;
    },

    answered(name, value, ok) {
      const at = questions.findIndex((question) => question.name === name);
      if (at < 0) return;
      const [question] = questions.splice(at, 1);
      if (ok) {
        question?.pending.resolve(value);
        return;
      }
      wanted.delete(name);
      const text = `the engine refused setlocal ${name} (value ${JSON.stringify(value)})`;
      question?.pending.reject(new YaytsError("setting-refused", text));
    },

    restore() {
      for (const [name, value] of wanted) link.setlocal(name, value);
    },

    rejectAll(error) {
      for (const { pending } of questions.splice(0)) pending.reject(error);
    },
  };
}
