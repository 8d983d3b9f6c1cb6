/**
 * keyecho: call `ivr`, press keys and hear them (in Polish, as in the article about YAYPM). One function for each call.
 *
 *     npx yayts dev examples/keyecho.ts
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
