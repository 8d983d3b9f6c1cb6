import { smallOfficeTests } from "./test/small-office-tests.ts";
import { embedded } from "./test/subject.ts";

smallOfficeTests("the embedded engine", embedded);
