import type { EngineModule } from "../../engine/index.ts";
import { type OpusLibrary, opusLibrary } from "../opus.ts";
import { createTap, type Tap } from "../trace/index.ts";
import { attachRtp } from "./attach.ts";
import { negotiateRtp } from "./negotiate.ts";
import type { RtpModule } from "./rtp-messages.ts";
import { createRtpSessions } from "./sessions.ts";
import { readRtpSettings } from "./settings.ts";
import { tellStatus } from "./status.ts";
import type { RtpFigures } from "./stream.ts";

/** The module of RTP, and a look at its sessions. */
export interface RtpEngineModule extends EngineModule {
  /** Figures of a session by its `rtpid`; undefined when there is none of that id (any more). */
  figures(rtpId: string): RtpFigures | undefined;
}

/** How to make the module. */
export interface RtpModuleOptions {
  /** Where Opus comes from. Default: the package `@evan/opus`, if it is there. */
  readonly opus?: OpusLibrary | undefined;
  /** Is told of sessions and keys. Default: nobody is. */
  readonly tap?: Tap | undefined;
}

/**
 * Sound over UDP (spec/rtp.md): sessions of phones by `chan.rtp`, of apps by `chan.attach` with `rtp/<name>`, and keys to either
 * by `chan.dtmf` with `targetid=<rtpid>`. Settings come from the configuration file `yrtpchan`.
 *
 * The reflector (`rtp_reflect`) and T.38 are not offered.
 */
export function rtp({ opus = opusLibrary, tap = createTap() }: RtpModuleOptions = {}): RtpEngineModule {
  let module: RtpModule | undefined;
  return {
    name: "yrtpchan",
    figures: (rtpId) => module?.sessions.all.get(rtpId)?.figures,
    start(engine) {
      const settings = readRtpSettings(engine, (text) => engine.log.warn(text));
      const here: RtpModule = {
        engine,
        settings,
        opus,
        sessions: createRtpSessions({ engine, settings, tap }),
      };
      module = here;
      tap.rtpSessions = () => here.sessions.all.values();
      const install = (
        name: string,
        priority: number,
        receive: Parameters<typeof engine.install>[0]["receive"],
      ): void => {
        engine.install({ name, priority, trackName: "yrtp", receive });
      };
      install("chan.rtp", 100, (message) => negotiateRtp(here, message));
      install("chan.attach", 100, (message) => attachRtp(here, message));
      install("chan.dtmf", 150, (message) => {
        const session = here.sessions.all.get(message.get("targetid") ?? "");
        if (!session) return false;
        const duration = message.integer("duration", 0);
        return session.press(message.get("text") ?? "", duration > 0 ? duration : undefined);
      });
      install("engine.status", 110, (message) => tellStatus(here, message));
      engine.own(() => {
        for (const session of [...here.sessions.all.values()]) session.end();
      });
    },
  };
}
