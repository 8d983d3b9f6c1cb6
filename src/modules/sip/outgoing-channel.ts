import { parseNameAddr, type SessionEnd, type SipBody, type SipResponse } from "../../sip/index.ts";
import { appendHeaders, appendMedia, partyOf } from "./request-params.ts";
import { sdpBody, sessionOf } from "./session-body.ts";
import { SipChannel } from "./sip-channel.ts";

/** The channel of a call that the engine makes: what its callee answers becomes messages (spec/sip.md §6). */
export class OutgoingSipChannel extends SipChannel {
  protected override endParams({ response }: SessionEnd): Iterable<readonly [string, string]> {
    if (!response || response.status < 300 || response.status > 399) return [];
    // A redirection is not followed; an app may reroute with what it says (spec/sip.md §6).
    const target = partyOf(response.headers.get("Contact"));
    const diversion = response.headers.get("Diversion");
    const params: [string, string][] = [
      ["redirect", "true"],
      ["called", target.user],
    ];
    if (target.displayName) params.push(["calledname", target.displayName]);
    params.push(["calleduri", target.uri]);
    if (diversion === undefined) return params;
    const diverter = partyOf(diversion);
    params.push(["diverter", diverter.user]);
    if (diverter.displayName) params.push(["divertername", diverter.displayName]);
    params.push(["diverteruri", diverter.uri]);
    for (const name of ["reason", "privacy", "screen", "counter"]) {
      const value = parseNameAddr(diversion)?.params.get(name);
      if (value) params.push([`divert_${name}`, value.replace(/^"(.*)"$/, "$1")]);
    }
    return params;
  }

  /** 101 to 199 (spec/sip.md §6). */
  receiveProvisional(response: SipResponse): void {
    this.setMaxpdd(0);
    this.ending.note(response.status, response.reason);
    const session = sessionOf(response);
    if (session) this.media.receiveAnswer(session);
    const rang = this.status === "ringing";
    const name = response.status === 180 ? "call.ringing" : "call.progress";
    this.next(async () => {
      if (this.gone) return;
      const silent = rang || this.status === "answered";
      if (!silent) this.status = response.status === 180 ? "ringing" : "progressing";
      if (session) await this.media.start();
      if (silent || this.gone) return;
      const message = this.message(name);
      appendHeaders(message.params, response.headers);
      const reason = { 181: "forwarded", 182: "queued" }[response.status];
      if (reason) message.set("reason", reason);
      const { described } = this.media;
      if (described) appendMedia(message.params, described, "answer", this.service.settings.formats);
      else message.set("earlymedia", false);
      this.driver.engine.kernel.enqueue(message);
    });
  }

  /** The 2xx; its ACK answers the callee's offer when ours had none. */
  receiveAccepted(response: SipResponse, withoutOffer: boolean): SipBody | undefined {
    this.setMaxpdd(0);
    this.setMaxcall(0);
    this.ending.open(true);
    this.ending.note(response.status, response.reason);
    const session = sessionOf(response);
    let body: SipBody | undefined;
    let usable = true;
    if (withoutOffer && session) {
      const answer = this.media.answerAtOnce(session);
      usable = answer.kind === "sdp";
      if (answer.kind === "sdp") body = sdpBody(answer.text);
    } else if (session) usable = this.media.receiveAnswer(session) || this.media.known;
    else usable = this.media.known;
    this.status = "answered";
    this.answered = true;
    this.next(async () => {
      if (this.gone) return;
      if (!usable) {
        this.drop("nomedia");
        return;
      }
      await this.media.start();
      if (this.gone) return;
      const message = this.message("call.answered");
      appendHeaders(message.params, response.headers);
      const { described } = this.media;
      if (described) appendMedia(message.params, described, "answer", this.service.settings.formats);
      this.driver.engine.kernel.enqueue(message);
    });
    return body;
  }
}
