import {
  CallEndpoint,
  carry,
  type DisconnectCause,
  type Engine,
  type EngineMessage,
  type EngineModule,
  endpointOf,
} from "../engine/index.ts";

const prefix = "park/";

/**
 * Calls that wait for somebody to fetch them: the targets `park/<name>` and `park/any`, taken back by `pickup/park/<name>` of
 * the module pbx (spec/services.md §2). `source` of the call is what the parked party hears.
 */
export function park(): EngineModule {
  return {
    name: "park",
    start(engine) {
      const places = new Map<string, ParkPlace>();

      engine.install({
        name: "call.execute",
        priority: 100,
        trackName: "park",
        receive(message) {
          const name = /^park\/(.+)$/s.exec(message.get("callto") ?? "")?.[1];
          if (name === undefined || !engine.accepting) return false;
          const caller = endpointOf(message);
          const id = name === "any" ? firstFree(places) : prefix + name;
          if (!caller || places.has(id)) {
            engine.log.warn(caller ? `${id} is taken` : `a call to ${id} has no channel to be parked`);
            message.set("error", "failure");
            return false;
          }
          return new ParkPlace(engine, places, id).take(caller, message);
        },
      });

      engine.install({
        name: "chan.locate",
        priority: 100,
        trackName: "park",
        receive(message) {
          const id = message.get("id") ?? "";
          const place = places.get(id);
          if (place) carry(message, place);
          // Also for places where nobody is, as in the reference engine.
          return id.startsWith(prefix);
        },
      });

      engine.install({
        name: "engine.halt",
        priority: 100,
        trackName: "park",
        receive() {
          for (const place of [...places.values()]) place.disconnect({ reason: "shutdown" });
          return false;
        },
      });

      engine.install({
        name: "engine.status",
        priority: 110,
        trackName: "park",
        receive(message) {
          const wanted = message.get("module") ?? "";
          if (wanted !== "" && wanted !== "park" && wanted !== "misc") return false;
          message.retvalue += "name=park,type=misc;\r\n";
          return wanted === "park";
        },
      });
    },
  };
}

function firstFree(places: ReadonlyMap<string, ParkPlace>): string {
  let number = 1;
  while (places.has(prefix + number)) number++;
  return prefix + number;
}

/** What a parked call is connected to. It is no channel: it tells a start, ringing and an end of its own kind. */
class ParkPlace extends CallEndpoint {
  readonly #engine: Engine;
  readonly #places: Map<string, ParkPlace>;
  #parkedId = "";
  #hungUp = false;

  constructor(engine: Engine, places: Map<string, ParkPlace>, id: string) {
    super(id);
    this.#engine = engine;
    this.#places = places;
    places.set(id, this);
    engine.endpoints.set(id, this);
  }

  /** Parks `caller`, who called by `message`; false when it is gone already. */
  async take(caller: CallEndpoint, message: EngineMessage): Promise<boolean> {
    const release = this.hold();
    try {
      this.#parkedId = caller.id;
      if (!caller.connect(this, message.get("reason"))) {
        this.#hungUp = true;
        return false;
      }
      message.set("peerid", this.id).set("targetid", this.id);
      this.#tell("chan.startup", {
        status: "outgoing",
        cdrwrite: false,
        caller: message.get("caller") ?? "",
        called: message.get("called") ?? "",
      });
      const source = message.get("source");
      if (source) await this.#engine.dispatch("chan.attach", { source }, this);
      // Whoever was fetched, or gave up, while the sound was being found rings no more.
      if (this.peer)
        this.#tell("call.ringing", { status: "ringing", targetid: caller.id, peerid: caller.id });
      return true;
    } finally {
      release();
    }
  }

  #tell(name: string, params: Readonly<Record<string, string | boolean>>): void {
    this.#engine.enqueue(name, { driver: "park", id: this.id, ...params });
  }

  #hangup(reason: string | undefined): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.#tell("chan.hangup", { targetid: this.#parkedId, ...(reason ? { reason } : {}) });
  }

  protected override disconnected(cause: DisconnectCause): void {
    this.#hangup(cause.reason);
  }

  protected override destroyed(): void {
    this.#places.delete(this.id);
    this.#engine.endpoints.delete(this.id);
    this.#hangup(undefined);
  }
}
