import { clockTests } from "./test/clock-tests.ts";
import { embedded } from "./test/subject.ts";

clockTests("the embedded engine", embedded);
