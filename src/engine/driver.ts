import type { Timer } from "../base/index.ts";
import type { Channel } from "./channel.ts";
import { CallEndpoint } from "./endpoint.ts";
import type { Engine } from "./engine.ts";
import type { MaybePromise } from "./kernel.ts";
import type { EngineMessage } from "./message.ts";

/** What makes one driver differ from another. */
export interface DriverOptions {
  /** Also the prefix of its channels' ids and targets, as in `dumb/1`. */
  readonly name: string;
  /** As in `engine.status`. Default `misc`. */
  readonly type?: string | undefined;
  /** Whether its channels emit `chan.startup` and `chan.hangup`. Default true. */
  readonly lifecycle?: boolean | undefined;
  /** Call control messages that its channels take, beside what every driver does. */
  readonly takes?:
    | readonly ("call.progress" | "call.ringing" | "call.answered" | "chan.dtmf" | "chan.text")[]
    | undefined;
  /**
   * `call.execute` to one of its targets.
   * @param target what follows `<name>/` in `callto`
   * @param caller the calling endpoint, if the message carries one
   */
  execute(message: EngineMessage, target: string, caller: CallEndpoint | undefined): MaybePromise<boolean>;
  /** Key or text for one of its channels; default not handled. */
  receive?(channel: Channel, message: EngineMessage): boolean;
  /** More columns of the status line of a channel, as `key=value`. */
  channelStatus?(channel: Channel): string[];
  /**
   * The figures of the driver's status line, as `key=value`.
   * @param usual routed, routing, total, chans; the default
   */
  status?(usual: readonly string[]): readonly string[];
  /** Whether the status line lists the channels. Default true. */
  readonly listsChannels?: boolean | undefined;
}

/** A driver's channels and the messages that reach them (spec/calls.md §5, §8; priorities of spec/services.md §9). */
export interface Driver {
  readonly engine: Engine;
  readonly name: string;
  readonly lifecycle: boolean;
  /** Default of `timeout`, from `telephony/timeout`; 0 is none. */
  readonly defaultTimeoutMs: number;
  readonly channels: ReadonlyMap<string, Channel>;
  nextId(): string;
  /** Called by a new channel. */
  adopt(channel: Channel): void;
  /** Called by a channel that is gone. */
  forget(channel: Channel): void;
  /** A call of this driver is being routed until the function returned is called; true when it was routed. */
  countRouting(): (routed: boolean) => void;
  /** Drops all its channels. */
  dropAll(message: EngineMessage): void;
}

/** The endpoint that a message is about, if it is one. */
export function endpointOf(message: EngineMessage): CallEndpoint | undefined {
  return message.userData instanceof CallEndpoint ? message.userData : undefined;
}

/** Keeps `endpoint` alive until the dispatch of `message` is over. */
export function carry(message: EngineMessage, endpoint: CallEndpoint): void {
  const before = message.dispatched;
  const release = endpoint.hold();
  message.userData = endpoint;
  message.dispatched = (handled) => {
    before?.(handled);
    release();
  };
}

/** Changed figures are told by `module.update` so long after the first change. */
const updateDelayMs = 5000;

export function createDriver(engine: Engine, options: DriverOptions): Driver {
  const { name, type = "misc" } = options;
  const prefix = `${name}/`;
  const channels = new Map<string, Channel>();
  const telephony = engine.config("yate").section("telephony");
  const allowDuplicates = telephony?.get("dtmfdups") === "true";
  let lastId = 0;
  let total = 0;
  let routed = 0;
  let routing = 0;
  let update: Timer | undefined;

  const changed = (): void => {
    update ??= engine.clock.after(
      updateDelayMs,
      () => {
        update = undefined;
        engine.enqueue("module.update", { module: name, routed, routing, total, chans: channels.size });
      },
      { background: true },
    );
  };

  const driver: Driver = {
    engine,
    name,
    lifecycle: options.lifecycle ?? true,
    defaultTimeoutMs: Math.max(0, Number(telephony?.get("timeout") ?? 0) || 0),
    channels,
    nextId: () => `${prefix}${++lastId}`,
    adopt(channel) {
      channels.set(channel.id, channel);
      engine.endpoints.set(channel.id, channel);
      total++;
      changed();
    },
    forget(channel) {
      channels.delete(channel.id);
      engine.endpoints.delete(channel.id);
      changed();
    },
    countRouting() {
      routing++;
      changed();
      return (success) => {
        routing--;
        if (success) routed++;
      };
    },
    dropAll(message) {
      for (const channel of [...channels.values()]) channel.drop(message.get("reason"), message.params);
    },
  };

  const install = (
    message: string,
    priority: number,
    receive: (message: EngineMessage) => MaybePromise<boolean>,
  ): void => {
    engine.install({ name: message, priority, trackName: name, receive });
  };

  /** The channel that a call control message is for: the one named by `peerid` if it is ours, else by `targetid`. */
  const addressed = (message: EngineMessage): Channel | undefined => {
    const peer = message.get("peerid") ?? "";
    return channels.get(peer.startsWith(prefix) ? peer : (message.get("targetid") ?? ""));
  };

  install("chan.masquerade", 10, (message) => {
    const channel = channels.get(message.get("id") ?? "");
    if (!channel) return false;
    message.name = message.get("message") ?? "";
    message.delete("message");
    carry(message, channel);
    const { duplicate } = channel.masquerade(message);
    if (duplicate && !allowDuplicates) return true;
    channel.complete(message.params, message.flag("complete_minimal", false));
    return false;
  });

  install("chan.locate", 40, (message) => {
    const channel = channels.get(message.get("id") ?? "");
    if (!channel) return false;
    carry(message, channel);
    completeIfAsked(channel, message);
    return true;
  });

  install("call.drop", 60, (message) => {
    const id = message.get("id") ?? "";
    if (id === "" || id === name || id === type) {
      driver.dropAll(message);
      return id === name;
    }
    const channel = channels.get(id);
    channel?.drop(message.get("reason"), message.params);
    return channel !== undefined;
  });

  install("call.execute", 90, (message) => {
    const callto = message.get("callto") ?? "";
    if (!callto.startsWith(prefix) || !engine.accepting) return false;
    const caller = endpointOf(message);
    if (caller && message.flag("stop_call", false)) {
      message.set("error", "stopped_call");
      return false;
    }
    return options.execute(message, callto.slice(prefix.length), caller);
  });

  install("chan.control", 90, (message) => {
    const channel = channels.get(message.get("targetid") ?? "") ?? channels.get(message.get("peerid") ?? "");
    if (!channel) return false;
    channel.control(message);
    const handled = channel.audio.control(message.params);
    completeIfAsked(channel, message);
    return handled;
  });

  for (const taken of options.takes ?? []) {
    install(taken, 100, (message) => {
      const channel = addressed(message);
      if (!channel) return false;
      switch (taken) {
        case "call.progress":
          return channel.progress(message);
        case "call.ringing":
          return channel.ringing(message);
        case "call.answered":
          return channel.answeredBy(message);
        case "chan.dtmf":
        case "chan.text":
          return options.receive?.(channel, message) ?? false;
      }
    });
  }

  install("engine.timer", 90, (message) => {
    const now = engine.clock.monotonicMs();
    for (const channel of [...channels.values()]) {
      const reason = channel.expired(now);
      if (reason) channel.drop(reason, message.params);
    }
    return false;
  });

  install("engine.status", 110, (message) => {
    const wanted = message.get("module") ?? "";
    if (wanted.startsWith(prefix)) {
      const channel = channels.get(wanted);
      if (!channel) return false;
      message.retvalue += channelLine(channel, options.channelStatus?.(channel) ?? []);
      channel.complete(message.params);
      return true;
    }
    if (wanted !== "" && wanted !== name && wanted !== type) return false;
    const usual = [`routed=${routed}`, `routing=${routing}`, `total=${total}`, `chans=${channels.size}`];
    const figures = (options.status?.(usual) ?? usual).join(",");
    const lists = options.listsChannels ?? true;
    let line = `name=${name},type=${type}${lists ? ",format=Status|Address|Peer" : ""};${figures}`;
    if (lists && message.flag("details", true)) {
      const items = [...channels.values()].map((c) => `${c.id}=${c.status}|${c.address}|${c.peer?.id ?? ""}`);
      if (items.length > 0) line += `;${items.join(",")}`;
    }
    message.retvalue += `${line}\r\n`;
    return wanted === name;
  });

  // Completion of channel ids and module names on a command line (spec/kernel.md §6).
  install("engine.command", 120, (message) => {
    if (message.get("line") !== undefined) return false;
    const word = message.get("partword") ?? "";
    const words = message.get("complete") === "channels" ? [...channels.keys()] : [name, ...channels.keys()];
    for (const candidate of words) {
      if (candidate.startsWith(word)) message.retvalue += (message.retvalue ? "\t" : "") + candidate;
    }
    return false;
  });

  engine.own(() => {
    driver.dropAll(engine.message("call.drop", { reason: "shutdown" }));
    update?.cancel();
  });
  return driver;
}

/** `chan.locate` and `chan.control` may ask for the channel's parameters (spec/calls.md §8). */
function completeIfAsked(channel: Channel, message: EngineMessage): void {
  if (message.flag("complete", false))
    channel.complete(message.params, message.flag("complete_minimal", false));
}

/** The status line of one channel (spec/kernel.md §6). */
function channelLine(channel: Channel, more: readonly string[]): string {
  const left = channel.timersLeft(channel.driver.engine.clock.monotonicMs());
  const columns = [
    `module=${channel.driver.name}`,
    `peerid=${channel.peer?.id ?? ""}`,
    `status=${channel.status}`,
    `direction=${channel.direction}`,
    `answered=${channel.answered}`,
    `targetid=${channel.targetId}`,
    `address=${channel.address}`,
    `billid=${channel.billId}`,
    ...Object.entries(left).flatMap(([key, ms]) => (ms === undefined ? [] : [`${key}=${ms}`])),
    ...more,
  ];
  return `name=${channel.id},type=channel;${columns.join(",")}\r\n`;
}
