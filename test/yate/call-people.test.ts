import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "yayts/client";
import { callHangupContract } from "../contract/call-hangup-contract.ts";
import { callPeopleContract } from "../contract/call-people-contract.ts";
import { musicOf } from "../contract/call-people-kit.ts";
import { callSeveralContract } from "../contract/call-several-contract.ts";
import { callSipContract } from "../contract/call-sip-contract.ts";
import { callTransferContract } from "../contract/call-transfer-contract.ts";
import type { ContractSubject } from "../contract/yate-contract.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const modules =
  "extmodule dumbchan wavefile tonegen conference moh pbx park callfork gsmcodec yrtpchan".split(" ");
const skip = whyNoYate();
if (skip) {
  test("people of calls over a real YATE", { skip }, () => {});
} else {
  const start = async (): Promise<ContractSubject> => {
    const folder = await mkdtemp(join(tmpdir(), "yayts-music-"));
    const yate = await startYate({ modules, config: { "moh.conf": await musicOf(folder) } });
    return {
      connect: () => connect(yate.tcp),
      async stop() {
        await yate.stop();
        await rm(folder, { recursive: true });
      },
      keepsOrder: false,
    };
  };
  callPeopleContract("a real YATE", start);
  callTransferContract("a real YATE", start);
  callSeveralContract("a real YATE", start);
  callHangupContract("a real YATE", start);
  callSipContract("a real YATE", async () => {
    const yate = await startYate({ modules, sip: true });
    return { connect: () => connect(yate.tcp), sipPort: yate.sipPort, stop: () => yate.stop() };
  });
}
