import { callPeopleContract } from "./contract/call-people-contract.ts";
import { withMusic } from "./contract/call-people-kit.ts";
import { callSeveralContract } from "./contract/call-several-contract.ts";
import { callTransferContract } from "./contract/call-transfer-contract.ts";
import { overTcp } from "./contract/subjects.ts";
import type { ContractSubject } from "./contract/yate-contract.ts";

const start = (): Promise<ContractSubject> => withMusic(overTcp);

callPeopleContract("the embedded engine over TCP", start);
callTransferContract("the embedded engine over TCP", start);
callSeveralContract("the embedded engine over TCP", start);
