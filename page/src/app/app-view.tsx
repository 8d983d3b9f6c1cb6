import { type Signal, signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { AppView as AppState } from "../../../src/console/protocol.ts";
import { durationText } from "../../../src/trace/ladder/index.ts";
import { connection } from "../console.ts";
import { percentWords } from "../engine/percent-words.ts";
import { Empty } from "../parts/empty.tsx";
import { nowMs } from "../parts/now.ts";
import { Tabs } from "../parts/tabs.tsx";
import { agoWords, bytesWords, countWords } from "../parts/time-words.ts";
import { Errors } from "./errors.tsx";
import { Operations } from "./operations.tsx";
import { shortFile } from "./short-file.ts";
import { WaitGroups } from "./wait-groups.ts";
import { Waits } from "./waits.tsx";

const apps: Signal<readonly AppState[] | undefined> = signal(undefined);
/** By app, and as long as the page is open: growth is seen only over time. */
const groupsOf = new Map<string, WaitGroups>();

connection.on("app", (told) => {
  const now = Date.now();
  for (const { source, waits } of told.apps) {
    const groups = groupsOf.get(source) ?? new WaitGroups();
    groupsOf.set(source, groups);
    groups.take(waits, now);
  }
  for (const source of groupsOf.keys())
    if (!told.apps.some((app) => app.source === source)) groupsOf.delete(source);
  apps.value = told.apps;
});

/** The apps: what they wait for, what they do on calls, and what went wrong in them. */
export function AppView(): VNode {
  useEffect(() => connection.follow({ topic: "app" }), []);
  const chosen = useSignal<string | undefined>(undefined);
  const all = apps.value ?? [];
  const app = all.find(({ source }) => source === chosen.value) ?? all[0];
  return (
    <section class="view app-view" aria-label="app">
      {app ? (
        <>
          {all.length > 1 && (
            <div class="bar">
              <Tabs
                label="apps"
                tabs={all.map(({ source, errors }) => ({
                  key: source,
                  text: (
                    <>
                      {shortFile(source)}{" "}
                      {errors.length > 0 && <span class="badge bad">{errors.length}</span>}
                    </>
                  ),
                }))}
                chosen={app.source}
                onChoose={(source) => {
                  chosen.value = source;
                }}
              />
            </div>
          )}
          <div class="scroll pad">
            <Facts app={app} />
            <Errors errors={app.errors} />
            <Waits
              groups={groupsOf.get(app.source)?.groups ?? []}
              open={app.app?.openWaits ?? app.waits.length}
            />
            <Operations operations={app.operations} />
          </div>
        </>
      ) : (
        <Empty icon="app" title={apps.value ? "No app has told of itself" : "Waiting for what apps tell"}>
          <p>
            Apps started with <code>yayts dev</code> or <code>yayts run</code> tell what they wait for and
            what goes wrong in them. Others are seen by their messages only.
          </p>
        </Empty>
      )}
    </section>
  );
}

function Facts({ app: { source, app } }: { readonly app: AppState }): VNode {
  return (
    <div class="engine-facts">
      <span>
        <strong class="mono">{app?.file ?? source}</strong>
      </span>
      {app && (
        <>
          <Fact name="Process" value={app.pid} />
          <Fact name="Up" value={agoWords(app.startedMs, nowMs.value)} />
          <Fact name="Calls" value={countWords(app.openCalls)} />
          <Fact name="Waits" value={countWords(app.openWaits)} />
          <Fact name="CPU" value={app.cpu === undefined ? undefined : percentWords(app.cpu)} />
          <Fact
            name="Memory"
            value={app.memoryBytes === undefined ? undefined : bytesWords(app.memoryBytes)}
          />
          <span title="the most by which its thread was late in the last second">
            <span class="dim">Lag</span>{" "}
            <strong class={`numbers ${(app.worstLagMs ?? 0) > 50 ? "late" : ""}`}>
              {app.worstLagMs === undefined ? "not told" : durationText(app.worstLagMs)}
            </strong>
          </span>
          {app.lost > 0 && <span class="badge warn">{countWords(app.lost)} records lost</span>}
        </>
      )}
    </div>
  );
}

function Fact({
  name,
  value,
}: {
  readonly name: string;
  readonly value: string | number | undefined;
}): VNode | null {
  return value === undefined ? null : (
    <span>
      <span class="dim">{name}</span> <strong class="numbers">{value}</strong>
    </span>
  );
}
