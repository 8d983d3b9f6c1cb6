import { meetingTests } from "./test/meeting-tests.ts";
import { embedded } from "./test/subject.ts";

meetingTests("the embedded engine", embedded);
