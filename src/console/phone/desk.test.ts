import { consolePhoneContract } from "../../../test/contract/console-phone-contract.ts";
import { overTcp } from "../../../test/contract/subjects.ts";

consolePhoneContract("the embedded engine over TCP", overTcp);
