import { computed, type ReadonlySignal, type Signal } from "@preact/signals";
import { fairWeather, type Weather } from "../../../src/console/protocol.ts";
import { attempt, connection } from "../console.ts";
import { stored } from "../parts/stored.ts";
import { activeLine } from "./phone-state.ts";
import { isWeather } from "./weather-words.ts";

/** Of calls to come. It outlives a reload only as long as the tab: bad weather must not surprise anybody tomorrow. */
export const nextWeather: Signal<Weather> = stored("weather", fairWeather, isWeather, sessionStorage);

/** Of the selected call; without one, of calls to come. */
export const currentWeather: ReadonlySignal<Weather> = computed(
  () => activeLine.value?.weather ?? nextWeather.value,
);

/** Makes it so: for the selected call and those to come. */
export async function setWeather(weather: Weather): Promise<void> {
  nextWeather.value = weather;
  await attempt(connection.ask("phone.weather", { weather }));
}

// The server knows nothing of a page that it sees for the first time.
connection.state.subscribe((state) => {
  if (state === "open" && JSON.stringify(nextWeather.peek()) !== JSON.stringify(fairWeather))
    void attempt(connection.ask("phone.weather", { weather: nextWeather.peek() }));
});
