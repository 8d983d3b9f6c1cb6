import { Worker } from "node:worker_threads";
import { onAbort, type Signal } from "../../base/index.ts";
import type { DecodeRequest } from "./convert-worker.ts";
import type { DecodedSound } from "./decode-file.ts";
import type { SoundFailure } from "./sound-outcome.ts";

/** Decodes files in a thread of its own, one after the other. */
export interface DecoderThread {
  /** Resolves to `aborted` when the signal fires; what is being decoded then is stopped. Never rejects. */
  decode(request: DecodeRequest, signal: Signal): Promise<DecodedSound | SoundFailure>;
}

interface Job {
  readonly request: DecodeRequest;
  settle(outcome: DecodedSound | SoundFailure): void;
}

// Sources run as they are, the package runs what was made of them.
const workerFile = new URL(
  `./convert-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`,
  import.meta.url,
);
/** Of a thread, so that a file that decodes to more than any prompt ends the thread and not the program. */
const mostHeapMiB = 512;

/** Makes one; the thread is there only while there is something to decode. */
export function createDecoderThread(): DecoderThread {
  const waiting: Job[] = [];
  let running: { readonly job: Job; readonly worker: Worker } | undefined;
  let idle: Worker | undefined;

  const start = (): Worker => {
    const worker = new Worker(workerFile, {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: mostHeapMiB },
    });
    const broken = (why: string): void => {
      if (running?.worker !== worker) return;
      const { job } = running;
      finish(job, {
        kind: "failed",
        reason: "not-audio",
        text: `${job.request.path}: the decoder gave up: ${why}`,
      });
    };
    worker.on("message", (outcome: DecodedSound | SoundFailure) => {
      if (running?.worker !== worker) return;
      idle = worker;
      finish(running.job, outcome);
    });
    worker.on("error", (error: Error) => broken(error.message));
    worker.on("exit", (code) => broken(`exit ${code}`));
    return worker;
  };

  const next = (): void => {
    const job = waiting.shift();
    const worker = idle;
    idle = undefined;
    if (!job) {
      void worker?.terminate();
      return;
    }
    running = { job, worker: worker ?? start() };
    running.worker.postMessage(job.request);
  };

  const finish = (job: Job, outcome: DecodedSound | SoundFailure): void => {
    running = undefined;
    job.settle(outcome);
    next();
  };

  return {
    decode(request, signal) {
      return new Promise((resolve) => {
        const aborted: SoundFailure = {
          kind: "failed",
          reason: "aborted",
          text: `${request.path} was given up`,
        };
        let stopListening = (): void => {};
        const job: Job = {
          request,
          settle(outcome) {
            stopListening();
            resolve(outcome);
          },
        };
        waiting.push(job);
        stopListening = onAbort(signal, () => {
          const at = waiting.indexOf(job);
          if (at >= 0) waiting.splice(at, 1);
          if (running?.job === job) {
            void running.worker.terminate();
            finish(job, aborted);
          } else {
            job.settle(aborted);
          }
        });
        if (!running) next();
      });
    },
  };
}
