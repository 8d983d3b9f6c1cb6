import { guessTests } from "./test/guess-tests.ts";
import { embedded } from "./test/subject.ts";

guessTests("the embedded engine", embedded);
