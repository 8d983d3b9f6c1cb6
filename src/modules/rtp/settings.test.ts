import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../base/index.ts";
import { EngineMessage, parseConfig, startEngine } from "../../engine/index.ts";
import { type RtpSettings, readRtpSettings, sessionSettings } from "./settings.ts";

async function read(text: string): Promise<{ settings: RtpSettings; reported: string[] }> {
  const engine = await startEngine({
    clock: createManualClock(),
    config: { yrtpchan: parseConfig(text, "yrtpchan.conf") },
  });
  const reported: string[] = [];
  const settings = readRtpSettings(engine, (line) => reported.push(line));
  await engine.stop();
  return { settings, reported };
}

test("without a configuration the defaults are those of the reference engine, and nothing is reported", async () => {
  const { settings, reported } = await read("");
  assert.deepEqual(reported, []);
  assert.equal(settings.minPort, 16_384);
  assert.equal(settings.maxPort, 32_768);
  assert.equal(settings.maxPayloadBytes, 240);
  assert.equal(settings.notifyMessage, "");
  assert.deepEqual([settings.warnFirst, settings.warnLater], [true, false]);
  assert.equal(settings.session.timeoutMs, 3000);
  assert.equal(settings.session.rtcpIntervalMs, 4500);
  assert.deepEqual([settings.session.autoAddress, settings.session.anySource], [true, true]);
});

test("values are read, and what cannot be used is reported once and left at its default", async () => {
  const { settings, reported } = await read(`
[general]
minport=20000
maxport=21000
buffer=many
autoaddr=perhaps
rtcp=no
tos=af11
colour=red
[timeouts]
timeout=0
notifymsg=call.drop
warnlater=yes
deadtimeout=0
`);
  assert.deepEqual([settings.minPort, settings.maxPort], [20_000, 21_000]);
  assert.equal(settings.maxPayloadBytes, 240);
  assert.equal(settings.session.autoAddress, true);
  assert.equal(settings.session.rtcpIntervalMs, 0);
  assert.equal(settings.session.timeoutMs, 0);
  assert.equal(settings.notifyMessage, "call.drop");
  assert.equal(settings.warnLater, true);
  assert.equal(settings.deadTimeoutMs, 0);
  assert.deepEqual(reported, [
    "yrtpchan.conf: [general] tos has no effect in this engine",
    "yrtpchan.conf: [general] colour is not known",
    "yrtpchan.conf: [general] buffer=many is not a number from 80 to 1400",
    "yrtpchan.conf: [general] autoaddr=perhaps is neither yes nor no",
  ]);
});

test("an empty range of ports is reported", async () => {
  const { settings, reported } = await read("[general]\nminport=30000\nmaxport=30000\n");
  assert.ok(settings.maxPort > settings.minPort);
  assert.equal(reported.length, 1);
});

test("a message overrides what its session is made with, within the limits", async () => {
  const { settings } = await read("");
  const of = (params: Record<string, string>): ReturnType<typeof sessionSettings> =>
    sessionSettings(settings.session, new EngineMessage("chan.attach", { params, timeMs: 0 }));
  assert.deepEqual(of({}), settings.session);
  assert.equal(of({ autoaddr: "no" }).autoAddress, false);
  assert.equal(of({ timeout: "false" }).timeoutMs, 0);
  assert.equal(of({ timeout: "500" }).timeoutMs, 500);
  assert.equal(of({ timeout: "true" }).timeoutMs, 3000);
  assert.equal(of({ rtcp: "no" }).rtcpIntervalMs, 0);
  assert.equal(of({ rtcp_interval: "20" }).rtcpIntervalMs, 500);
  assert.equal(of({ rtcp_interval: "0" }).rtcpIntervalMs, 0);
  assert.equal(of({ rtcp_interval: "10000" }).rtcpIntervalMs, 10_000);
  assert.equal(of({ maxjitter: "99999" }).maxJitterMs, 1000);
});
