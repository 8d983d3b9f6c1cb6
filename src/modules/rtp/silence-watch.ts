import type { RtpSession, SessionHost } from "./session.ts";

/**
 * Watches for silence of a session's peer (spec/rtp.md §7): the log and `notifymsg` learn of it once after each packet, and
 * the call of a phone that has gone altogether is dropped.
 */
export class SilenceWatch {
  timeoutMs: number;
  readonly #host: SessionHost;
  readonly #session: RtpSession;
  #lastMs = 0;
  #heardEver = false;
  #told = false;
  #dropped = false;

  constructor(host: SessionHost, session: RtpSession, timeoutMs: number) {
    this.#host = host;
    this.#session = session;
    this.timeoutMs = timeoutMs;
  }

  /** The wait begins anew, without the peer having been heard. */
  begin(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#told = false;
  }

  /** A packet of the peer, of sound or a report. */
  heard(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#heardEver = true;
    this.#told = false;
  }

  /** To be called on each tick of a session that is started. */
  check(nowMs: number): void {
    const { held, direction } = this.#session;
    if (held || !direction.receive) {
      this.#lastMs = nowMs;
      return;
    }
    const silentMs = nowMs - this.#lastMs;
    if (this.timeoutMs > 0 && !this.#told && silentMs >= this.timeoutMs) {
      this.#told = true;
      this.#tell(silentMs);
    }
    const { deadTimeoutMs } = this.#host.settings;
    if (deadTimeoutMs > 0 && !this.#dropped && silentMs >= deadTimeoutMs) this.#drop(silentMs);
  }

  #tell(silentMs: number): void {
    const { engine, settings } = this.#host;
    const initial = !this.#heardEver;
    if (!(initial ? settings.warnFirst : settings.warnLater)) return;
    const { id, channelId } = this.#session;
    engine.log.warn(
      `${id} (${channelId}): ${initial ? "nothing has come from its peer yet" : "nothing has come from its peer any more"} for ${Math.round(silentMs)} ms`,
    );
    if (settings.notifyMessage === "") return;
    engine.enqueue(settings.notifyMessage, {
      id: channelId,
      reason: "nomedia",
      event: "timeout",
      initial,
    });
  }

  /** An app that is attached may be silent as long as it likes; a phone sends sound, or at least reports. */
  #drop(silentMs: number): void {
    if (this.#session.origin !== "negotiated") return;
    this.#dropped = true;
    const { id, channelId } = this.#session;
    this.#host.engine.log.warn(
      `${id}: the phone of ${channelId} has sent neither sound nor reports for ${Math.round(silentMs / 1000)} s, its call is dropped`,
    );
    this.#host.engine.enqueue("call.drop", { id: channelId, reason: "nomedia" });
  }
}
