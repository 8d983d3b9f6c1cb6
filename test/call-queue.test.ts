import { callQueueContract } from "./contract/call-queue-contract.ts";
import { ringGroupContract } from "./contract/ring-group-contract.ts";
import { inProcess, overTcp } from "./contract/subjects.ts";

callQueueContract("the embedded engine in process", inProcess);

ringGroupContract("the embedded engine in process", inProcess);
callQueueContract("the embedded engine over TCP", overTcp);
ringGroupContract("the embedded engine over TCP", overTcp);
