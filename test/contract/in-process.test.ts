import { outgoingContract } from "./outgoing-contract.ts";
import { inProcess } from "./subjects.ts";
import { yateContract } from "./yate-contract.ts";

const title = "the embedded engine in process";

yateContract(title, inProcess);
outgoingContract(title, inProcess);
