// The thread of the caller under `yayts dev`. To tell what was heard takes longer than the engine may be kept from its
// clock, so the caller is an external module of its own, as the app is.
import { parentPort, workerData } from "node:worker_threads";
import { connect } from "../../client/index.ts";
import { OutgoingCallError } from "../../flow/index.ts";
import { loadPrompts } from "../../testing/index.ts";
import { type ListeningCaller, placeListeningCaller } from "../calling/listening-caller.ts";
import { playScriptedCall } from "../calling/scripted-call.ts";
import { connectionNamer } from "../connection-name.ts";
import { reportOf } from "../errors/error-report.ts";
import type { CallScript, FromCaller, ToCaller } from "./caller-messages.ts";

const tell = (message: FromCaller): void => parentPort?.postMessage(message);
const failed = (error: unknown): void => tell({ kind: "failed", report: reportOf(error) });

async function main(): Promise<void> {
  const yate = await connect(String(workerData), { reconnect: false });
  void connectionNamer(yate, "terminal")();
  await loadPrompts();
  const closing = new AbortController();
  let current: ListeningCaller | undefined;
  let calls = 0;

  const hangUp = async (): Promise<void> => {
    calls++;
    const old = current;
    current = undefined;
    await old?.caller.hangup().catch(() => {});
    await old?.done.catch(() => {});
  };

  const call = async (target: string): Promise<void> => {
    await hangUp();
    const mine = ++calls;
    try {
      const listening = await placeListeningCaller(yate, target, {
        caller: "terminal",
        signal: closing.signal,
        onEvent: (event) => tell({ kind: "event", event }),
      });
      listening.caller.answered.catch(() => {});
      const over = (): void => {
        if (current === listening) current = undefined;
      };
      listening.done.then(over, over);
      if (mine === calls) current = listening;
      else await listening.caller.hangup();
    } catch (error) {
      // Otherwise the transcript has told why.
      if (!(error instanceof OutgoingCallError) && !closing.signal.aborted) failed(error);
    }
  };

  const script = async (wanted: CallScript): Promise<void> => {
    const outcome = await playScriptedCall(yate, {
      ...wanted,
      signal: closing.signal,
      onEvent: (event) => tell({ kind: "event", event }),
    });
    tell({ kind: "outcome", outcome });
  };

  const obey = async (message: ToCaller): Promise<void> => {
    switch (message.kind) {
      case "script":
        return script(message.script);
      case "call":
        return call(message.target);
      case "press":
        return current ? current.caller.press(message.key) : tell({ kind: "no-call" });
      case "hangup":
        return hangUp();
      case "close":
        closing.abort();
        await hangUp();
        await yate.close({ timeoutMs: 500 });
        parentPort?.close();
    }
  };
  parentPort?.on("message", (message: ToCaller) => void obey(message).catch(failed));
}

await main().catch(failed);
