import { keptSoundContract } from "../contract/kept-sound-contract.ts";
import { overTcp } from "../contract/subjects.ts";

keptSoundContract("the embedded engine over TCP", overTcp);
