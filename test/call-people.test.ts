import { callHangupContract } from "./contract/call-hangup-contract.ts";
import { callPeopleContract } from "./contract/call-people-contract.ts";
import { withMusic } from "./contract/call-people-kit.ts";
import { callSeveralContract } from "./contract/call-several-contract.ts";
import { callTransferContract } from "./contract/call-transfer-contract.ts";
import { inProcess } from "./contract/subjects.ts";
import type { ContractSubject } from "./contract/yate-contract.ts";

const start = (): Promise<ContractSubject> => withMusic(inProcess);

callPeopleContract("the embedded engine in process", start);
callTransferContract("the embedded engine in process", start);
callSeveralContract("the embedded engine in process", start);
callHangupContract("the embedded engine in process", start);
