import { createResponse, type InviteSession, type SipRequest, tagOf } from "../src/sip/index.ts";
import { type Scene, scene, sdp, type Told } from "./sip-wire.ts";

type SceneOptions = NonNullable<Parameters<typeof scene>[0]>;

/** A call that is up, and the hand-written peer's side of its dialog. */
export interface Dialogue extends Scene {
  readonly session: InviteSession;
  readonly told: Told;
  /** The peer's next request in the dialog. */
  ask(method: string, more?: Parameters<Scene["request"]>[1]): SipRequest;
  /** The peer's ACK of its INVITE with that CSeq. */
  ack(cseq: number, more?: Parameters<Scene["request"]>[1]): void;
}

/** The peer has called, the agent has answered. */
export async function incomingCall(
  options: SceneOptions & { invite?: Parameters<Scene["request"]>[1]; acknowledged?: boolean } = {},
): Promise<Dialogue> {
  const s = scene({ answer: (session) => session.accept({ body: sdp("our answer") }), ...options });
  s.send(s.request("INVITE", { body: sdp("offer"), ...options.invite }));
  const ok = await s.next(200);
  const toTag = tagOf(ok.headers, "to");
  let cseq = 1;
  const call = s.calls[0];
  if (!call) throw new Error("no call came");
  const ask: Dialogue["ask"] = (method, more = {}) => s.request(method, { toTag, cseq: ++cseq, ...more });
  const ack: Dialogue["ack"] = (number, more = {}) =>
    s.send(s.request("ACK", { toTag, cseq: number, ...more }));
  if (options.acknowledged !== false) {
    ack(1);
    await s.pass(10);
  }
  return Object.assign(s, { session: call.session, told: call.told, ask, ack });
}

/** The agent has called, the peer has answered. */
export async function outgoingCall(
  options: SceneOptions & {
    call?: Parameters<Scene["call"]>[0];
    answer?: never;
    answerHeaders?: [string, string][];
  } = {},
): Promise<Dialogue> {
  const s = scene(options);
  const { session, told } = s.call({ handlers: { onEnd() {}, ...options.session }, ...options.call });
  const invite = await s.next("INVITE");
  s.send(
    createResponse(invite, 200, {
      toTag: "far",
      headers: [["Contact", "<sip:peer@192.0.2.1:5060>"], ...(options.answerHeaders ?? [])],
      body: sdp("answer"),
    }),
  );
  await s.next("ACK");
  let cseq = 100;
  const fields = { fromTag: "far", toTag: session.localTag, callId: session.callId };
  const ask: Dialogue["ask"] = (method, more = {}) => s.request(method, { ...fields, cseq: ++cseq, ...more });
  const ack: Dialogue["ack"] = (number, more = {}) =>
    s.send(s.request("ACK", { ...fields, cseq: number, ...more }));
  return Object.assign(s, { session, told, ask, ack });
}
