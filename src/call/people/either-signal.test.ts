import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Signal } from "../../base/index.ts";
import { eitherSignal } from "./either-signal.ts";

/** A signal that is no AbortSignal of the platform, as another library may have one. */
class OtherSignal implements Signal {
  aborted = false;
  reason: unknown;
  readonly listeners: Set<() => void> = new Set();

  addEventListener(_: "abort", listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_: "abort", listener: () => void): void {
    this.listeners.delete(listener);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of [...this.listeners]) listener();
  }
}

describe("eitherSignal", () => {
  it("fires with the first of two, whatever made them", () => {
    for (const which of ["one", "other"] as const) {
      const [one, other] = [new AbortController(), new AbortController()];
      const either = eitherSignal(one.signal, other.signal);
      assert.equal(either.aborted, false);
      (which === "one" ? one : other).abort(which);
      assert.equal(either.reason, which);

      const [first, foreign] = [new AbortController(), new OtherSignal()];
      const both = eitherSignal(first.signal, foreign);
      (which === "one" ? first : foreign).abort(which);
      assert.equal(both.reason, which);
    }
  });

  it("is the one when there is no other, and leaves no listener once it is over", () => {
    const one = new AbortController();
    assert.equal(eitherSignal(one.signal, undefined), one.signal);
    const foreign = new OtherSignal();
    eitherSignal(one.signal, foreign);
    assert.equal(foreign.listeners.size, 1);
    one.abort();
    assert.equal(foreign.listeners.size, 0);
  });
});
