import { describe } from "node:test";
import { keyechoTests } from "./test/keyecho-tests.ts";
import { embedded, embeddedOverTcp } from "./test/subject.ts";

describe("keyecho", { concurrency: true }, () => {
  keyechoTests("the embedded engine", embedded);
  keyechoTests("the embedded engine over TCP", embeddedOverTcp);
});
