import { menuTests } from "./test/menu-tests.ts";
import { embedded } from "./test/subject.ts";

menuTests("the embedded engine", embedded);
