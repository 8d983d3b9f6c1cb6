import { embeddedSip } from "./test/subject.ts";
import { trunkTests } from "./test/trunk-tests.ts";

trunkTests("the embedded engine", embeddedSip);
