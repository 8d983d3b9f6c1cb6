import { embedded } from "./test/subject.ts";
import { voicemailTests } from "./test/voicemail-tests.ts";

voicemailTests("the embedded engine", embedded);
