import { createBus, type Link, Params } from "../src/bus/index.ts";

/** A link that leads nowhere and only counts answers. */
function countingLink(): { readonly link: Link; answers: number } {
  const nothing = (): void => {};
  const counting = {
    answers: 0,
    link: {
      install: nothing,
      uninstall: nothing,
      watch: nothing,
      unwatch: nothing,
      send: nothing,
      answer: () => void counting.answers++,
      setlocal: nothing,
      output: nothing,
      debug: nothing,
      close: () => Promise.resolve(),
      abort: nothing,
      resume: nothing,
    },
  };
  return counting;
}

/** Sends `count` messages, each for a wait that takes it, answers it and waits again; resolves to messages a second. */
export type Serving = (count: number) => Promise<number>;

/** Far from one id to the next; prime, so that its steps reach every id. */
const stride = 7919;

/** A bus on which `waits` waits with object guards stand; the messages are for `busy` of them in turn. */
export function createManyWaits(waits: number, busy: number): Serving {
  const counting = countingLink();
  const { yate, events } = createBus(counting.link);
  const serve = async (id: string): Promise<void> => {
    for (;;) (await yate.onmsg("chan.dtmf", { id })).ret(true);
  };
  for (let i = 0; i < waits; i++) serve(`dumb/${i}`).catch(() => {});
  let next = 0;

  return async (count) => {
    const wanted = counting.answers + count;
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      next = (next + stride) % busy;
      const params = Params.from({ id: `dumb/${next}`, text: "1" });
      events.event({ kind: "message", id: String(i), timeSec: 0, name: "chan.dtmf", retvalue: "", params });
    }
    while (counting.answers < wanted) await turn();
    return (count * 1000) / (performance.now() - start);
  };
}

/**
 * The least that serves `waits` waits in turn: a plain promise for each, found in a Map, and a turn of the event loop after
 * each message.
 */
export function createBareWaits(waits: number): Serving {
  const resolvers = new Map<string, (params: Params) => void>();
  const serve = async (id: string): Promise<void> => {
    for (;;) await new Promise<Params>((resolve) => resolvers.set(id, resolve));
  };
  for (let i = 0; i < waits; i++) serve(`dumb/${i}`).catch(() => {});
  let next = 0;

  return async (count) => {
    const start = performance.now();
    const messages: Params[] = [];
    for (let i = 0; i < count; i++) {
      next = (next + stride) % waits;
      messages.push(Params.from({ id: `dumb/${next}`, text: "1" }));
    }
    for (const params of messages) {
      resolvers.get(params.get("id") ?? "")?.(params);
      await turn();
    }
    return (count * 1000) / (performance.now() - start);
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
