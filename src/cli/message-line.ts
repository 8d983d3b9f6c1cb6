import type { WatchedMessage } from "../bus/index.ts";
import type { Style } from "./style.ts";

/** `12:00:00.000 call.route  → tone/dial  id=dumb/1 called=ivr`; ✓ handled, · not. */
export function formatMessageLine(message: WatchedMessage, at: Date, style: Style): string {
  const time = style.dim(clockTime(at));
  const mark = message.handled ? style.green("✓") : style.dim("·");
  const retvalue = message.retvalue === "" ? "" : ` ${style.yellow(`→ ${quoted(message.retvalue)}`)}`;
  const params = [...message.params]
    .map(([name, value]) => ` ${style.dim(`${name}=`)}${quoted(value)}`)
    .join("");
  return `${time} ${mark} ${colourOf(message.name, style)(message.name)}${retvalue}${params}`;
}

/** One JSON object; a parameter that repeats has an array of its values. */
export function formatMessageJson(message: WatchedMessage, at: Date): string {
  const params: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of message.params) {
    const before = params[name];
    params[name] = before === undefined ? value : [before, value].flat();
  }
  const { name, handled, retvalue } = message;
  return JSON.stringify({ time: at.toISOString(), name, handled, retvalue, params });
}

export function clockTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

function colourOf(name: string, style: Style): (text: string) => string {
  const family = name.split(".")[0];
  switch (family) {
    case "call":
      return style.cyan;
    case "chan":
      return style.blue;
    case "engine":
      return style.dim;
    case "user":
      return style.magenta;
    default:
      return style.bold;
  }
}

/** In quotes when it has blanks or what a terminal would obey. */
function quoted(value: string): string {
  return /^[\x21-\x7e\u00a1-\uffff]+$/.test(value) && !value.includes('"')
    ? value
    : JSON.stringify(value).replace(/[\u007f-\u009f]/g, "?");
}
