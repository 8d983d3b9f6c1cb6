import { type BoundedQueue, createBoundedQueue, YaytsError } from "../../base/index.ts";
import { type AudioFrame, type AudioFrames, type FramesOptions, frameMs } from "./audio.ts";

const defaultQueuedMs = 5000;

/** One listener's frames. */
export interface FrameQueue {
  readonly frames: AudioFrames;
  push(frame: AudioFrame): void;
  /** No more frames come; those that wait can still be taken. */
  end(): void;
}

/** @param left called once, when the loop was left or has ended */
export function createFrameQueue(
  { maxQueuedMs = defaultQueuedMs }: FramesOptions,
  left: (dropped: number) => void,
): FrameQueue {
  if (!(maxQueuedMs >= frameMs))
    throw new YaytsError("bad-argument", `maxQueuedMs must be ${frameMs} or more, not ${maxQueuedMs}`);
  const queue: BoundedQueue<AudioFrame> = createBoundedQueue(Math.floor(maxQueuedMs / frameMs));
  /** Calls of `next` that wait, in their order. */
  let waiting: ((result: IteratorResult<AudioFrame, undefined>) => void)[] = [];
  let dropped = 0;
  let ended = false;

  const end = (): void => {
    if (ended) return;
    ended = true;
    left(dropped);
    for (const resolve of waiting) resolve({ done: true, value: undefined });
    waiting = [];
  };
  const frames: AudioFrames = {
    get queued() {
      return queue.size;
    },
    get dropped() {
      return dropped;
    },
    next() {
      const frame = queue.shift();
      if (frame) return Promise.resolve({ done: false, value: frame });
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => void waiting.push(resolve));
    },
    return() {
      while (queue.shift());
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => frames,
  };
  return {
    frames,
    push(frame) {
      if (ended) return;
      const resolve = waiting.shift();
      if (resolve) return resolve({ done: false, value: frame });
      if (queue.push(frame)) return;
      queue.shift();
      queue.push(frame);
      dropped++;
    },
    end,
  };
}
