/**
 * The engine's side of the client benchmark, in a process of its own: as little work as possible, whole lines, no Nagle.
 * Prints its port. `bench.dispatch` is answered at once; `bench.handle` and `bench.watch` with a count `n` make it send so
 * many messages or notifications, and are answered when all of them are answered or sent.
 */
import { createServer } from "node:net";

const params =
  "id=sip/4711:module=sip:status=incoming:address=192.0.2.7%z5060:caller=100:called=123:billid=1095112794-3:callnumber=2";
const messagesInFlight = 1000;
const watchChunk = 500;

createServer((socket) => {
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  let rest = "";
  let out = "";
  let job: { readonly id: string; left: number; unsent: number } | undefined;

  const sendMessages = (count: number): void => {
    if (!job) return;
    for (let i = 0; i < count && job.unsent > 0; i++) {
      out += `%%>message:0x7f.${job.unsent--}:1095112794:bench.handle:ret:${params}\n`;
    }
  };
  const watch = (id: string, left: number): void => {
    let flood = "";
    for (let i = 0; i < watchChunk && left > 0; i++, left--)
      flood += `%%<message::true:bench.watch:ret:${params}\n`;
    if (left === 0) flood += `%%<message:${id}:true:bench.watched:\n`;
    const more = (): void => watch(id, left);
    if (socket.write(flood, "latin1")) {
      if (left > 0) setImmediate(more);
    } else if (left > 0) socket.once("drain", more);
  };

  const take = (line: string): void => {
    if (line.startsWith("%%<message:")) {
      if (job && --job.left === 0) {
        out += `%%<message:${job.id}:true:bench.handled:\n`;
        job = undefined;
      } else sendMessages(1);
      return;
    }
    const [keyword, id = "", , name = ""] = line.split(":", 4);
    if (keyword === "%%>setlocal") out += `%%<setlocal:${id}:${line.split(":")[2]}:true\n`;
    else if (keyword === "%%>install") out += `%%<install:${id}:${line.split(":")[2]}:true\n`;
    else if (keyword === "%%>watch") out += `%%<watch:${id}:true\n`;
    else if (name === "bench.dispatch") out += `%%<message:${id}:true:bench.dispatch:ret:${params}\n`;
    else if (keyword === "%%>message") {
      const count = Number(/:n=(\d+)/.exec(line)?.[1]);
      if (name === "bench.watched") watch(id, count);
      else {
        job = { id, left: count, unsent: count };
        sendMessages(messagesInFlight);
      }
    }
  };

  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") take(line);
    if (out !== "") socket.write(out, "latin1");
    out = "";
  });
  socket.on("error", () => {});
}).listen(0, "127.0.0.1", function (this: { address(): unknown }) {
  const { port } = this.address() as { port: number };
  process.stdout.write(`${port}\n`);
});
process.on("disconnect", () => process.exit());
