import { keyechoTests } from "./test/keyecho-tests.ts";
import { embedded } from "./test/subject.ts";

keyechoTests("the embedded engine", embedded);
