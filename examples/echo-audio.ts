/**
 * echo-audio: call `echo` and hear yourself. The sound of the call comes to this program as RTP, and goes back as RTP.
 *
 *     npx yayts dev examples/echo-audio.ts
 *
 * AUDIO_HOST is the address of this machine as the engine reaches it; default 127.0.0.1.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Abandoned, app, Disconnected, type Yate } from "yayts";

const host = process.env.AUDIO_HOST ?? "127.0.0.1";

export default app((yate) => {
  yate.handle("call.route", { filter: { called: "echo" } }, (route) => {
    echo(yate, route.get("id") ?? "").catch(over);
    return "dumb/";
  });
});

/** @param id the caller's channel */
async function echo(yate: Yate, id: string): Promise<void> {
  const execute = await yate.onwatch("call.execute", { id }, { until: yate.onwatch("chan.hangup", { id }) });
  // Our side of the call. RTP is attached here, never to the channel of a phone, which has RTP of its own.
  const leg = execute.get("targetid");
  if (!leg) return; // it could not be connected to us
  const over = yate.onwatch("chan.hangup", { id: leg });
  const socket = createSocket("udp4").bind(0, host);
  try {
    await once(socket, "listening");
    const { port } = socket.address();
    const rtp = { source: "rtp/echo", consumer: "rtp/echo", remoteip: host, remoteport: port, rtcp: false };
    const attach = { message: "chan.attach", id: leg, format: "alaw", ...rtp };
    const attached = await yate.msg("chan.masquerade", attach).dispatch();
    if (!attached.handled) throw new Error(`no sound: ${attached.get("reason")}`);
    const [to, toHost] = [Number(attached.get("localport")), attached.get("localip")];
    socket.on("message", (packet) => socket.send(reply(packet), to, toHost));
    yate.msg("call.answered", { id: leg, targetid: id }).enqueue();
    await over;
  } finally {
    over.cancel();
    socket.close();
  }
}

/** The same sound, sent by us: our own number of the source in the header of 12 bytes (RFC 3550 §5.1). */
function reply(packet: Buffer): Buffer {
  const sent = Buffer.from(packet);
  sent.writeUInt32BE(0x79617974, 8);
  return sent;
}

/** The end of the call, or of the engine, ends the program of the call too. Anything else is a mistake: show it. */
function over(error: unknown): void {
  if (!(error instanceof Abandoned || error instanceof Disconnected)) throw error;
}
