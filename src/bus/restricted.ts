import { makeObservable, observingOf } from "./observing.ts";
import { endStreamBy } from "./stream.ts";
import { abandonBy, type Until, type Wait } from "./wait.ts";
import type { MessageStream, Yate } from "./yate.ts";

/**
 * The same engine, where every wait and stream also ends when `end` does: YAYPM's RestrictedDispatcher. Handlers, settings
 * and sent messages are the parent's own.
 */
export function createRestricted(parent: Yate, end: Until): Yate {
  const limit = <W extends Wait<unknown>>(wait: W, what: string): W => {
    abandonBy(wait, end, what);
    return wait;
  };
  const limitStream = <S extends MessageStream<unknown>>(stream: S): S => {
    endStreamBy(stream, end);
    return stream;
  };
  const view: Yate = {
    onmsg: (name, guard, options) => limit(parent.onmsg(name, guard, options), `onmsg ${name}`),
    onwatch: (name, guard, options) => limit(parent.onwatch(name, guard, options), `onwatch ${name}`),
    messages: (name, guard, options) => limitStream(parent.messages(name, guard, options)),
    watches: (name, guard, options) => limitStream(parent.watches(name, guard, options)),
    handle: parent.handle,
    msg: parent.msg,
    ret: parent.ret,
    until: (until) => createRestricted(view, until),
    setlocal: parent.setlocal,
    output: parent.output,
    debug: parent.debug,
    retire: parent.retire,
    log: parent.log,
    get state() {
      return parent.state;
    },
    onState: parent.onState,
    close: parent.close,
    abort: parent.abort,
    [Symbol.asyncDispose]: () => parent.close(),
  };
  makeObservable(view, observingOf(parent));
  return view;
}
