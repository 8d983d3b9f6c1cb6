import { clickToCallTests } from "./test/click-to-call-tests.ts";
import { embedded, embeddedOverTcp } from "./test/subject.ts";

clickToCallTests("the embedded engine", embedded);
clickToCallTests("the embedded engine over TCP", embeddedOverTcp);
