import type { HandleOptions, Handler, IncomingMessage, Yate } from "../../bus/index.ts";

/** The engine as a copy of an app sees it, which may have to give way to the next copy. */
export interface RetiringYate {
  readonly yate: Yate;
  /**
   * Takes no new calls, and keeps the app's standing handlers to the calls that it has: a handler of every `chan.dtmf` would
   * otherwise also get the keys of the new copy's calls, being the older one.
   * @param channels those that there are now
   */
  retire(channels: Iterable<string>): void;
}

/** Where a message names the channels and the call that it is about. */
const references = ["id", "peerid", "targetid", "lastpeerid", "billid"] as const;

/** Wraps what the app gets; until it retires, nothing is different. */
export function createRetiringYate(inner: Yate): RetiringYate {
  let mine: Set<string> | undefined;

  const adopt = (message: { get(name: string): string | undefined }): void => {
    for (const name of references) {
      const id = message.get(name);
      if (id) mine?.add(id);
    }
  };
  /** What belongs to one of its channels is its own, and what that names is from then on; so is what names no channel. */
  const isMine = (message: IncomingMessage<string>): boolean => {
    if (!mine || !message.get("id")) return true;
    if (!references.some((name) => mine?.has(message.get(name) ?? ""))) return false;
    adopt(message);
    return true;
  };

  const wrap = (yate: Yate): Yate => {
    const handle = (name: string, second: HandleOptions | Handler<string>, third?: Handler<string>) => {
      const fn = typeof second === "function" ? second : third;
      const options = typeof second === "function" ? {} : second;
      // Without a function: the error is the bus's to raise.
      if (!fn) return Reflect.apply(yate.handle, yate, [name, second, third]);
      return yate.handle(name, options, (message) => (isMine(message) ? fn(message) : false));
    };
    const msg = (...args: Parameters<Yate["msg"]>) => {
      const message = yate.msg(...args);
      if (args[0] !== "call.execute") return message;
      const dispatch = message.dispatch.bind(message);
      return Object.assign(message, {
        dispatch(options?: Parameters<typeof dispatch>[0]) {
          const sent = dispatch(options);
          // A call that it places is its own.
          sent.then(adopt, () => {});
          return sent;
        },
      });
    };
    const until: Yate["until"] = (end) => wrap(yate.until(end));
    const overrides: Pick<Yate, "handle" | "msg" | "until"> = {
      handle: handle as Yate["handle"],
      msg: msg as Yate["msg"],
      until,
    };
    return new Proxy(yate, {
      get: (target, name) => Reflect.get(Object.hasOwn(overrides, name) ? overrides : target, name),
    });
  };

  return {
    yate: wrap(inner),
    retire(channels) {
      mine = new Set(channels);
      inner.retire();
    },
  };
}
