import { pbxTests } from "./test/pbx-tests.ts";
import { embedded } from "./test/subject.ts";

pbxTests("the embedded engine", embedded);
