import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createMemoryPipe } from "yayts/client";
import { createEngine } from "yayts/engine";
import { createAppConnection } from "../../src/engine/extmodule/connection.ts";
import { defaultLocalSettings } from "../../src/engine/local-settings.ts";
import { yateContract } from "./yate-contract.ts";

yateContract("TCP", async () => {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  const address = engine.addresses.get("tcp") ?? "";
  return { connect: () => connect(address), stop: () => engine.stop(), keepsOrder: true };
});

yateContract("a UNIX socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "yayts-contract-"));
  const engine = await createEngine({
    extmodule: { listeners: [{ name: "unix", type: "unix", path: join(folder, "engine"), role: "global" }] },
  });
  const address = engine.addresses.get("unix") ?? "";
  return {
    connect: () => connect(address),
    keepsOrder: true,
    async stop() {
      await engine.stop();
      await rm(folder, { recursive: true });
    },
  };
});

for (const pieceBytes of [Number.POSITIVE_INFINITY, 7]) {
  yateContract(
    `a memory pipe${pieceBytes === 7 ? " that cuts everything into seven bytes" : ""}`,
    async () => {
      const { engine, stop } = await createEngine();
      const open = async (): ReturnType<typeof connect> => {
        const { near, far } = createMemoryPipe({ pieceBytes });
        const connection = createAppConnection({
          engine,
          name: "memory",
          address: "here",
          role: undefined,
          settings: { ...defaultLocalSettings },
          onClosed() {},
          transport: {
            send: (line) => far.write(`${line}\n`),
            end: () => void far.close(),
            destroy: () => far.abort(),
          },
        });
        far.start({ data: (bytes) => connection.push(bytes), closed: () => connection.lost() });
        return await connect(() => Promise.resolve(near), { reconnect: false });
      };
      return { connect: open, stop, keepsOrder: true };
    },
  );
}
