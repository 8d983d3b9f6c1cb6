import { callRecordingContract } from "./contract/call-recording-contract.ts";
import { inProcess, overTcp } from "./contract/subjects.ts";

callRecordingContract("the embedded engine in process", inProcess);
callRecordingContract("the embedded engine over TCP", overTcp);
