import { phonesTests } from "./test/phones-tests.ts";
import { embeddedSip } from "./test/subject.ts";

phonesTests("the embedded engine", embeddedSip);
