import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalAddress, RemoteAddress } from "./remote-address.ts";

test("the first sound after the address was told decides where to send", () => {
  const remote = new RemoteAddress(true);
  remote.tell("10.0.0.1", 4000);
  assert.equal(remote.judge("192.0.2.7", 5000, true), "peer");
  assert.deepEqual([remote.ip, remote.port], ["192.0.2.7", 5000]);
  assert.equal(remote.judge("192.0.2.8", 5000, true), "stranger");
  assert.equal(remote.judge("192.0.2.7", 5001, true), "stranger", "the port counts too");
  assert.equal(remote.strangers, 2);
});

test("what is no sound of the session is not followed", () => {
  const remote = new RemoteAddress(true);
  remote.tell("10.0.0.1", 4000);
  assert.equal(remote.judge("192.0.2.7", 5000, false), "stranger");
  assert.equal(remote.ip, "10.0.0.1");
  assert.equal(remote.judge("192.0.2.9", 5000, true), "peer", "nothing was decided by it");
});

test("sound from the address that was told takes the session back, once and for good", () => {
  const remote = new RemoteAddress(true);
  remote.tell("10.0.0.1", 4000);
  assert.equal(remote.judge("192.0.2.7", 5000, true), "peer");
  assert.equal(remote.judge("10.0.0.1", 4000, true), "peer");
  assert.equal(remote.ip, "10.0.0.1");
  assert.equal(remote.judge("192.0.2.7", 5000, true), "stranger");
  assert.equal(remote.ip, "10.0.0.1");
});

test("once the told address was heard nobody else is followed", () => {
  const remote = new RemoteAddress(true);
  remote.tell("10.0.0.1", 4000);
  assert.equal(remote.judge("10.0.0.1", 4000, true), "peer");
  assert.equal(remote.judge("192.0.2.7", 5000, true), "stranger");
});

test("a new address decides anew", () => {
  const remote = new RemoteAddress(true);
  remote.tell("10.0.0.1", 4000);
  remote.judge("10.0.0.1", 4000, true);
  remote.tell("10.0.0.2", 4000);
  assert.equal(remote.judge("192.0.2.7", 5000, true), "peer");
});

test("without autoaddr only the told address counts", () => {
  const remote = new RemoteAddress(false);
  remote.tell("10.0.0.1", 4000);
  assert.equal(remote.judge("192.0.2.7", 5000, true), "stranger");
  assert.equal(remote.judge("10.0.0.1", 4000, true), "peer");
});

test("before an address was told everybody is a stranger", () => {
  const remote = new RemoteAddress(true);
  assert.equal(remote.known, false);
  assert.equal(remote.judge("192.0.2.7", 5000, true), "stranger");
});

test("addresses are compared in their usual spelling", () => {
  assert.equal(canonicalAddress("0:0:0:0:0:0:0:1"), "::1");
  assert.equal(canonicalAddress("2001:DB8::00a"), "2001:db8::a");
  assert.equal(canonicalAddress("192.0.2.1"), "192.0.2.1");
  assert.equal(canonicalAddress("localhost"), undefined);
  assert.equal(canonicalAddress("1.2.3"), undefined);
});
