import { Params } from "../../bus/index.ts";
import type { AppMessage } from "../../wire/index.ts";
import { EngineMessage } from "../message.ts";

/** A message that an app sent; it knows of which connection, for reentrance and self-watching. */
export class AppSentMessage extends EngineMessage {
  constructor(line: AppMessage, timeMs: number, sender: object) {
    super(line.name, { retvalue: line.retvalue, timeMs, sender });
    this.params = Params.lazy("", () => line.params.slice());
  }
}
