import { answerTests } from "./test/answer-tests.ts";
import { embedded } from "./test/subject.ts";

answerTests("the embedded engine", embedded);
