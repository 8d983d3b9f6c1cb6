import { embedded } from "./test/subject.ts";
import { surveyTests } from "./test/survey-tests.ts";

surveyTests("the embedded engine", embedded);
