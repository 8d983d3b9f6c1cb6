// Builds the console's page when it is missing or older than what it is made of: part of `npm start`.
import { buildPage, pageIsFresh } from "./build-page.ts";
import { runAlone } from "./step.ts";

if (!pageIsFresh()) await runAlone(buildPage());
