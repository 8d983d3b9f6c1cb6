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

/**
 * A bus on which `waits` waits with object guards stand.
 * @returns sends `count` messages, each for a wait that takes it, answers it and waits again; resolves to messages a second
 */
export function createManyWaits(waits: number): (count: number) => Promise<number> {
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
      next = (next + 7919) % waits;
      const params = Params.from({ id: `dumb/${next}`, text: "1" });
      events.event({ kind: "message", id: String(i), timeSec: 0, name: "chan.dtmf", retvalue: "", params });
    }
    while (counting.answers < wanted) await new Promise((resolve) => setImmediate(resolve));
    return (count * 1000) / (performance.now() - start);
  };
}
