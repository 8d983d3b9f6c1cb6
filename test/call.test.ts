import { callContract } from "./contract/call-contract.ts";
import { callSoundContract } from "./contract/call-sound-contract.ts";
import { inProcess, overTcp } from "./contract/subjects.ts";

callContract("the embedded engine in process", inProcess);
callContract("the embedded engine over TCP", overTcp);
callSoundContract("the embedded engine in process", inProcess);
callSoundContract("the embedded engine over TCP, on another disk", overTcp, { sound: "rtp" });
