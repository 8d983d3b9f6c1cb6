/** The examples, unchanged, on a real YATE. */
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe } from "node:test";
import { connect } from "yayts/client";
import { answerTests } from "../../examples/test/answer-tests.ts";
import { keyechoTests } from "../../examples/test/keyecho-tests.ts";
import { pbxTests } from "../../examples/test/pbx-tests.ts";
import { phonesTests } from "../../examples/test/phones-tests.ts";
import { phoneUsers, type SipSubject, type Subject } from "../../examples/test/subject.ts";
import { trunkTests } from "../../examples/test/trunk-tests.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

/** A YATE that finds `./sounds` in the folder in which it runs. */
async function realYate(): Promise<Subject> {
  const yate = await startYate();
  await symlink(resolve(import.meta.dirname, "../../sounds"), join(yate.dir, "sounds"));
  return { connect: () => connect(yate.tcp), stop: () => yate.stop() };
}

/** One where phones register. */
async function realYateSip(): Promise<SipSubject> {
  const yate = await startYate({ sip: true, config: { "regfile.conf": phoneUsers.trim().split("\n") } });
  await symlink(resolve(import.meta.dirname, "../../sounds"), join(yate.dir, "sounds"));
  return {
    connect: () => connect(yate.tcp),
    sip: `127.0.0.1:${yate.sipPort}`,
    stop: () => yate.stop(),
  };
}

describe("the examples", { skip: whyNoYate() ?? false }, () => {
  keyechoTests("a real YATE", realYate);
  answerTests("a real YATE", realYate);
  pbxTests("a real YATE", realYate, { ringMs: 3000, gapMs: 1500, concurrency: 3 });
  phonesTests("a real YATE", realYateSip);
  trunkTests("a real YATE", realYateSip);
});
