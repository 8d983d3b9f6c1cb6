/** Who looks on in `bench/console.ts`: `console-reader-child.ts SOCKET`. Asked `on` or `off` it begins and ends to trace; answers what it has got. */
import { connect } from "yayts/client";
import { type TraceRecord, traceControl, traceData, traceKeepMs } from "../src/trace/index.ts";
import type { ReaderFigures } from "./console.ts";

const [, , path = ""] = process.argv;
const yate = await connect(`unix:${path}`);
const figures = { messages: 0, bytes: 0, lost: 0 } satisfies ReaderFigures;
const control = (operation: string): Promise<unknown> =>
  yate.msg(traceControl, { operation, id: "bench", of: "messages,sip,rtp,engine" }).dispatch();

async function read(): Promise<void> {
  for await (const { params } of yate.watches(traceData)) {
    const data = params.get("data") ?? "";
    figures.bytes += data.length;
    for (const record of JSON.parse(data) as TraceRecord[]) {
      if (record.kind === "message") figures.messages++;
      if (record.kind === "engine") figures.lost = record.lost;
    }
  }
}

void read();
let timer: NodeJS.Timeout | undefined;
process.on("message", (wanted) => {
  clearInterval(timer);
  if (wanted === "on") timer = setInterval(() => void control("keep"), traceKeepMs);
  void control(wanted === "on" ? "start" : "stop").then(() => process.send?.(figures));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
