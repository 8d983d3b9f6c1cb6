import { keyechoTests } from "./test/keyecho-tests.ts";
import { embedded, embeddedOverTcp } from "./test/subject.ts";

keyechoTests("the embedded engine", embedded);
keyechoTests("the embedded engine over TCP", embeddedOverTcp);
