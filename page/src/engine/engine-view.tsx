import type { VNode } from "preact";
import type { EngineFacts } from "../../../src/console/protocol.ts";
import type { EngineRecord } from "../../../src/trace/index.ts";
import { hello } from "../console.ts";
import { Empty } from "../parts/empty.tsx";
import { nowMs } from "../parts/now.ts";
import { agoWords, countWords } from "../parts/time-words.ts";
import { Channels } from "./channels.tsx";
import { Connections } from "./connections.tsx";
import { EngineFigures } from "./engine-figures.tsx";
import { engine, facts } from "./engine-store.ts";
import { Panel } from "./panel.tsx";
import { Registrations } from "./registrations.tsx";

/** The engine as a whole: its figures, and what is in it. */
export function EngineView(): VNode {
  const known = facts.value ?? hello.value?.engine;
  const record = engine.value;
  if (!known)
    return (
      <section class="view" aria-label="engine">
        <Empty icon="engine" title="No engine yet">
          <p>The console has not told of one.</p>
        </Empty>
      </section>
    );
  const foreign = known.kind === "yate";
  return (
    <section class="view engine-view" aria-label="engine">
      <div class="scroll pad">
        <div class="engine-facts">
          <span>
            <span
              class={`dot ${known.state === "connected" ? "good" : known.state === "reconnecting" ? "warn beating" : "bad"}`}
            />{" "}
            {known.state}
          </span>
          <Fact name={foreign ? "YATE" : "Embedded engine"} value={versionOf(known, record)} />
          <Fact name="Node" value={record?.nodeName} />
          <Fact name="Address" value={known.address} />
          <Fact
            name="Up"
            value={record && record.startedMs > 0 ? agoWords(record.startedMs, nowMs.value) : undefined}
          />
          <Fact
            name="Handlers"
            value={record && record.handlers > 0 ? countWords(record.handlers) : undefined}
          />
          <Fact
            name="Longest queue"
            value={record && record.maxQueued > 0 ? countWords(record.maxQueued) : undefined}
          />
          {record && record.dropped > 0 && (
            <span class="badge bad">{countWords(record.dropped)} messages dropped</span>
          )}
          {record && record.lost > 0 && (
            <span class="badge warn">{countWords(record.lost)} records lost</span>
          )}
        </div>
        {foreign && (
          <p class="foreign dim">
            This is a YATE of its own: it tells an external module its messages and, every few seconds, its
            status. Ticks, CPU, memory, and what other external modules handle are not told.
          </p>
        )}
        {record ? (
          <>
            <EngineFigures />
            <Channels entries={record.channels} count={record.channelCount} />
            <Registrations entries={record.registrations} count={record.registrationCount} />
            <Connections entries={record.connections} foreign={foreign} />
            <Panel title="Modules" count={record.modules.length}>
              {record.modules.length === 0 ? (
                <p class="dim nothing">not told</p>
              ) : (
                <ul class="modules">
                  {record.modules.map((name) => (
                    <li key={name} class="mono">
                      {name}
                    </li>
                  ))}
                </ul>
              )}
            </Panel>
          </>
        ) : (
          <Empty icon="engine" title="It has told nothing of itself yet">
            <p>Its figures come once a second.</p>
          </Empty>
        )}
      </div>
    </section>
  );
}

/** The embedded engine is of the console's version, and gives itself out as the YATE that it is compatible with. */
function versionOf(known: EngineFacts, record: EngineRecord | undefined): string {
  const told = record?.version || known.version || "version not told";
  const own = hello.value?.version;
  return known.kind === "yate" || !own || own === told ? told : `yayts ${own}, as YATE ${told}`;
}

function Fact({ name, value }: { readonly name: string; readonly value: string | undefined }): VNode | null {
  return value ? (
    <span>
      <span class="dim">{name}</span> <strong class="numbers">{value}</strong>
    </span>
  ) : null;
}
