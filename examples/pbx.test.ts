import { describe } from "node:test";
import { pbxTests } from "./test/pbx-tests.ts";
import { embedded, embeddedOverTcp } from "./test/subject.ts";

describe("pbx", { concurrency: true }, () => {
  pbxTests("the embedded engine", embedded);
  pbxTests("the embedded engine over TCP", embeddedOverTcp);
});
