import { remindersTests } from "./test/reminders-tests.ts";
import { embedded } from "./test/subject.ts";

remindersTests("the embedded engine", embedded);
