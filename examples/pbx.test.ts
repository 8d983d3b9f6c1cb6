import { pbxTests } from "./test/pbx-tests.ts";
import { embedded, embeddedOverTcp } from "./test/subject.ts";

pbxTests("the embedded engine", embedded);
pbxTests("the embedded engine over TCP", embeddedOverTcp);
