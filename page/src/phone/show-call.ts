import { computed, effect } from "@preact/signals";
import { goTo, route } from "../route.ts";
import { activeLine } from "./phone-state.ts";

/** On a wide screen a new call of this phone is shown beside it, unless the user looks at something. */
export function showCalls(): void {
  const call = computed(() => activeLine.value?.call);
  effect(() => {
    const id = call.value;
    const { view, rest } = route.peek();
    const looks = (view !== "calls" && view !== "phone") || rest !== "";
    if (id && !looks && matchMedia("(min-width: 720px)").matches) goTo("calls", id);
  });
}
