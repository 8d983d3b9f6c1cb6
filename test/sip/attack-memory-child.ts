/** An engine in a process of its own, for `attack-memory.test.ts`. Says where it listens, then after each message how much memory it takes. */
import { startFortress } from "./attack-kit.ts";

const fortress = await startFortress();
const { gc } = globalThis as { readonly gc?: () => void };
process.on("message", async (message) => {
  if (message === "stop") {
    await fortress[Symbol.asyncDispose]();
    process.disconnect();
    return;
  }
  const callMs = await fortress.call();
  gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({
    heldBytes: heapUsed + external,
    rss,
    callMs,
    lines: fortress.log.length,
    ...fortress.figures,
  });
});
process.send?.({ udp: fortress.udp });
