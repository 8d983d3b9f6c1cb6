import type { RawData, WebSocket } from "ws";
import { type Clock, type Logger, type Timer, YaytsError } from "../base/index.ts";
import type { Phone, PhoneDesk, PhoneRequest } from "./phone/phone.ts";
import {
  type Answered,
  closeCodes,
  decodeSoundFrame,
  encodeSoundFrame,
  type Hello,
  type Told,
} from "./protocol.ts";
import { type RecordDesk, type RecordViewer, writingRequests } from "./records/record-desk.ts";
import { type CheckedRequest, readRequest } from "./request-shapes.ts";
import type { Sessions } from "./sessions.ts";
import type { Right } from "./token.ts";

/** What all pages share. */
export interface PageServices {
  readonly phones: PhoneDesk;
  readonly records: RecordDesk;
  readonly sessions: Sessions;
  /** What is said to a new page, but for its own phone. */
  readonly hello: (right: Right) => Omit<Hello, "phone">;
  /** Called when a page has asked for the sound of all calls to be kept, or not. */
  readonly onKeepSound: (on: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A page that has not read so many bytes is told less; sound that would wait behind them is dropped. */
const congestedBytes = 512 * 1024;
/** Sound waits behind less than this, or is left out: later it is of no use. */
const soundWaitBytes = 128 * 1024;
/** A page that has not read so many is cut: it comes back when it can. */
const cutBytes = 32 * 1024 * 1024;
const helloMs = 10_000;
const pingMs = 10_000;

/** Serves one page until its connection ends. @param right what its token allows */
export function servePage(socket: WebSocket, right: Right, services: PageServices): void {
  const { phones, records, clock, log } = services;
  let rights = right;
  let phone: Phone | undefined;
  let session = "";
  let viewer: RecordViewer | undefined;
  let leave: (() => void) | undefined;
  let stopPhone: (() => void) | undefined;
  const stops: (() => void)[] = [];

  const send = (told: Answered | Told): void => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(told));
    if (socket.bufferedAmount > cutBytes) {
      log.warn("a page of the console does not read what it is told, and is cut");
      socket.terminate();
    }
  };

  const begin = (wanted: string, viewOnly: boolean): Hello => {
    if (phone) throw new YaytsError("bad-argument", "this connection has said hello before");
    if (viewOnly) rights = "view";
    // One who may only look has no part in the phone of another, even with the other's session.
    session = rights === "view" ? `view-${wanted}` : wanted;
    leave = services.sessions.enter(session, rights === "full", () =>
      socket.close(closeCodes.elsewhere, "this page was opened once more elsewhere"),
    );
    const mine = phones.of(session);
    phone = mine;
    viewer = records.view({
      tell: send,
      lineOf: (channels) => phones.lineOf(session, channels),
      congested: () => socket.bufferedAmount > congestedBytes,
    });
    stops.push(
      mine.onSound((frame) => {
        if (socket.readyState === socket.OPEN && socket.bufferedAmount < soundWaitBytes)
          socket.send(encodeSoundFrame(frame));
      }),
    );
    return { ...services.hello(rights), phone: mine.view };
  };

  const answer = async (request: CheckedRequest): Promise<unknown> => {
    if (request.do === "hello") return begin(request.with.session, request.with.viewOnly ?? false);
    if (!phone || !viewer) throw new Refusal("hello-first", "say hello first");
    if (request.do === "follow") {
      const { topics } = request.with;
      stopPhone?.();
      const wantsPhone = topics.some(({ topic }) => topic === "phone");
      stopPhone = wantsPhone ? phone.onChange((view) => send({ topic: "phone", phone: view })) : undefined;
      if (wantsPhone) send({ topic: "phone", phone: phone.view });
      viewer.follow(topics.filter(({ topic }) => topic !== "phone"));
      return null;
    }
    if (rights === "view" && (isPhoneRequest(request) || writingRequests.has(request.do)))
      throw new Refusal(
        "view-only",
        "this page has the link for looking only; open the console by its other link",
      );
    if (isPhoneRequest(request)) return phone.ask(request.do, request.with);
    const result = await records.ask(request.do, request.with);
    if (request.do === "sound.keep" && request.with.call === undefined) services.onKeepSound(request.with.on);
    return result;
  };

  const receive = async (frame: string): Promise<void> => {
    const request = readRequest(frame);
    if ("fault" in request) {
      if (request.id === undefined) return socket.close(1003, request.fault);
      return send({ id: request.id, error: { code: "bad-argument", text: request.fault } });
    }
    const { id } = request;
    try {
      // A result of nothing would be left out of the JSON, and the answer be none.
      send({ id, result: (await answer(request)) ?? null });
    } catch (error) {
      send({ id, error: wireError(error, (text) => log.error(`${request.do}: ${text}`, { error })) });
    }
  };

  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (!isBinary) {
      void receive(textOf(data));
      return;
    }
    const frame = rights === "full" && phone ? decodeSoundFrame(bytesOf(data)) : undefined;
    if (frame) phone?.hear(frame);
  });

  let alive = true;
  let timer: Timer = clock.after(
    helloMs,
    () => {
      if (phone) look();
      else socket.close(1008, "no hello came");
    },
    { background: true },
  );
  const look = (): void => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
    timer = clock.after(pingMs, look, { background: true });
  };
  socket.on("pong", () => {
    alive = true;
  });
  // What is wrong with it, as a frame that is too long, is told to the page by the close.
  socket.on("error", (error) => log.debug("a page's connection", { error }));
  socket.on("close", () => {
    timer.cancel();
    stopPhone?.();
    for (const stop of stops) stop();
    viewer?.close();
    leave?.();
  });
}

type PhoneAsked = Extract<CheckedRequest, { readonly do: PhoneRequest }>;

function isPhoneRequest(request: CheckedRequest): request is PhoneAsked {
  return request.do.startsWith("phone.");
}

/** A refusal that only pages meet. */
class Refusal extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

function wireError(error: unknown, report: (text: string) => void): { code: string; text: string } {
  if (error instanceof YaytsError)
    return { code: error.code, text: error.message.replace(/^\[[\w-]+\] /, "") };
  if (error instanceof Refusal) return { code: error.code, text: error.message };
  const text = error instanceof Error ? error.message : String(error);
  report(text);
  return { code: "failed", text };
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function textOf(data: RawData): string {
  return Buffer.from(bytesOf(data)).toString("utf8");
}
