import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fairWeather } from "../../../src/console/protocol.ts";
import { suggest } from "./suggest.ts";
import { climateOf, climates, isBad, isWeather, weatherWords } from "./weather-words.ts";

describe("suggestions for the dial field", () => {
  it("have what the app takes before what was called", () => {
    assert.deepEqual(
      suggest("", ["ivr", "99"], ["101", "ivr"]).map(({ number }) => number),
      ["ivr", "99", "101"],
    );
  });

  it("have what begins with the typed before what has it inside", () => {
    assert.deepEqual(
      suggest("1", ["31"], ["2001", "101"]).map(({ number }) => number),
      ["101", "31", "2001"],
    );
  });

  it("are none when nothing fits", () => {
    assert.deepEqual(suggest("x", ["ivr"], ["101"]), []);
  });
});

describe("weather", () => {
  it("is told in words, only what is bad", () => {
    assert.equal(weatherWords(fairWeather), "fair");
    assert.equal(
      weatherWords({ ...fairWeather, loss: 0.05, burst: 3, delayMs: 200 }),
      "5 % lost in bursts of 3, 200 ms late",
    );
    assert.equal(
      weatherWords({ ...fairWeather, jitterMs: 40, mute: "out" }),
      "they hear nothing, 0 to 40 ms late",
    );
  });

  it("is not bad for another way of keys or another seed", () => {
    assert.equal(isBad({ ...fairWeather, seed: 7, keys: "inband" }), false);
    assert.equal(isBad({ ...fairWeather, mute: "in" }), true);
  });

  it("knows the ready-made ones", () => {
    for (const { name, weather } of climates)
      assert.equal(climateOf({ ...fairWeather, seed: 9, ...weather }), name);
    assert.equal(climateOf({ ...fairWeather, loss: 0.33 }), undefined);
  });

  it("that was kept by another page is taken only whole", () => {
    assert.equal(isWeather(fairWeather), true);
    assert.equal(isWeather({ ...fairWeather, loss: "5" }), false);
    assert.equal(isWeather(null), false);
  });
});
