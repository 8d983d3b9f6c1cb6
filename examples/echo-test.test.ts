import { echoTestTests } from "./test/echo-test-tests.ts";
import { embedded } from "./test/subject.ts";

echoTestTests("the embedded engine", embedded);
