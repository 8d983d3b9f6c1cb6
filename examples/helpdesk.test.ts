import { helpdeskTests } from "./test/helpdesk-tests.ts";
import { embedded } from "./test/subject.ts";

helpdeskTests("the embedded engine", embedded);
