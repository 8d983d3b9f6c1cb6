import { callConferenceContract } from "./contract/call-conference-contract.ts";
import { inProcess, overTcp } from "./contract/subjects.ts";

callConferenceContract("the embedded engine in process", inProcess);
callConferenceContract("the embedded engine over TCP, on another disk", overTcp, { sound: "rtp" });
