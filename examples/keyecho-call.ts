/**
 * keyecho with the call kit: one function for each call.
 *
 *     npx yayts dev examples/keyecho-call.ts
 */
import { app } from "yayts";

export default app(
  (yate) => {
    yate.onCall("ivr", async (call) => {
      await call.answer();
      for await (const key of call.dtmf()) await call.play(`digits/${key}`, { bargeIn: true });
    });
  },
  { language: "pl" },
);
