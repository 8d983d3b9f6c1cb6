import { render } from "preact";
import { Shell } from "./shell/shell.tsx";

const root = document.getElementById("app");
if (root) render(<Shell />, root);
