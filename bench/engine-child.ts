import { createServer } from "node:net";
import { extmodule, startEngine } from "../src/engine/index.ts";

/** A process of its own for what is measured: `engine` or, to compare with, the smallest server that answers: `echo`. */
if (process.argv[2] === "echo") {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    console.log(typeof address === "object" ? address?.port : "");
  });
} else {
  const apps = extmodule({ listeners: [{ name: "bench", port: 0, role: "global" }] });
  await startEngine({ modules: [apps] });
  console.log(apps.addresses.get("bench")?.split(":").at(-1));
}
process.stdin.on("end", () => process.exit(0)).resume();
