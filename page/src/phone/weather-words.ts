import { fairWeather, type Weather } from "../../../src/console/protocol.ts";

/** Ready-made lines, from what one has to what one fears. */
export const climates: readonly {
  readonly name: string;
  readonly weather: Omit<Weather, "seed" | "keys">;
}[] = [
  { name: "Fair", weather: { loss: 0, burst: 1, delayMs: 0, jitterMs: 0, mute: "none" } },
  { name: "Busy Wi-Fi", weather: { loss: 0.01, burst: 3, delayMs: 10, jitterMs: 40, mute: "none" } },
  { name: "Mobile, moving", weather: { loss: 0.04, burst: 4, delayMs: 70, jitterMs: 80, mute: "none" } },
  { name: "Satellite", weather: { loss: 0.005, burst: 1, delayMs: 300, jitterMs: 20, mute: "none" } },
  { name: "Storm", weather: { loss: 0.15, burst: 6, delayMs: 120, jitterMs: 150, mute: "none" } },
];

/** Whether the line is made bad: the way keys travel and the seed make it no worse. */
export function isBad({ loss, delayMs, jitterMs, mute }: Weather): boolean {
  return loss > 0 || delayMs > 0 || jitterMs > 0 || mute !== "none";
}

/** What is bad, in short: `5 % lost in bursts of 3, 200 ms late`. */
export function weatherWords(weather: Weather): string {
  const { loss, burst, delayMs, jitterMs, mute } = weather;
  const words: string[] = [];
  if (mute === "in") words.push("you hear nothing");
  if (mute === "out") words.push("they hear nothing");
  if (loss > 0)
    words.push(`${Number((loss * 100).toFixed(1))} % lost${burst > 1 ? ` in bursts of ${burst}` : ""}`);
  if (delayMs > 0 || jitterMs > 0)
    words.push(jitterMs > 0 ? `${delayMs} to ${delayMs + jitterMs} ms late` : `${delayMs} ms late`);
  return words.join(", ") || "fair";
}

/** The ready-made line that this is, if it is one. */
export function climateOf(weather: Weather): string | undefined {
  return climates.find(({ weather: known }) =>
    Object.entries(known).every(([name, value]) => weather[name as keyof Weather] === value),
  )?.name;
}

/** Anything that somebody stored, made a weather. */
export function isWeather(found: unknown): found is Weather {
  if (typeof found !== "object" || found === null) return false;
  const kept = new Map(Object.entries(found));
  return Object.entries(fairWeather).every(([name, value]) => typeof kept.get(name) === typeof value);
}
