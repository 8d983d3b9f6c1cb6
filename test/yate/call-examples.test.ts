/** The examples on the call kit, unchanged, on a real YATE. */
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe } from "node:test";
import { connect } from "yayts/client";
import { clickToCallTests } from "../../examples/test/click-to-call-tests.ts";
import { clockTests } from "../../examples/test/clock-tests.ts";
import { echoTestTests } from "../../examples/test/echo-test-tests.ts";
import { guessTests } from "../../examples/test/guess-tests.ts";
import { helpdeskTests } from "../../examples/test/helpdesk-tests.ts";
import { meetingTests } from "../../examples/test/meeting-tests.ts";
import { menuTests } from "../../examples/test/menu-tests.ts";
import { remindersTests } from "../../examples/test/reminders-tests.ts";
import { smallOfficeTests } from "../../examples/test/small-office-tests.ts";
import type { Subject } from "../../examples/test/subject.ts";
import { surveyTests } from "../../examples/test/survey-tests.ts";
import { voiceBotTests } from "../../examples/test/voice-bot-tests.ts";
import { voicemailTests } from "../../examples/test/voicemail-tests.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

/** A YATE that finds `./sounds` in the folder in which it runs: what the callers of the tests say is there. */
async function realYate(): Promise<Subject> {
  const yate = await startYate();
  await symlink(resolve(import.meta.dirname, "../../sounds"), join(yate.dir, "sounds"));
  return { connect: () => connect(yate.tcp), stop: () => yate.stop() };
}

describe("the examples on the call kit", { skip: whyNoYate() ?? false }, () => {
  clickToCallTests("a real YATE", realYate);
  clockTests("a real YATE", realYate);
  guessTests("a real YATE", realYate);
  menuTests("a real YATE", realYate);
  remindersTests("a real YATE", realYate);
  surveyTests("a real YATE", realYate);
  echoTestTests("a real YATE", realYate);
  helpdeskTests("a real YATE", realYate);
  meetingTests("a real YATE", realYate);
  smallOfficeTests("a real YATE", realYate);
  voicemailTests("a real YATE", realYate);
  voiceBotTests("a real YATE", realYate);
});
