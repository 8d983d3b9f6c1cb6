/** Bytes for people: `512 B`, `1.5 MiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : trim(value, 1)} ${units[unit]}`;
}

/** How long something took: `0.42 ms`, `12 ms`, `3.4 s`. */
export function took(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${trim(ms / 1000, ms < 10_000 ? 2 : 1)} s`;
}

/** How long something lasts already: `450 ms`, `12 s`, `3 min 20 s`, `5 h 3 min`, `2 d 4 h`. */
export function lasting(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 ? `${min} min ${s % 60} s` : `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 ? `${h} h ${min % 60} min` : `${h} h`;
  return h % 24 ? `${Math.floor(h / 24)} d ${h % 24} h` : `${Math.floor(h / 24)} d`;
}

/** A part of one core: `3.5 %`. */
export function percent(part: number): string {
  return `${part < 0.1 ? trim(part * 100, 1) : Math.round(part * 100)} %`;
}

/** A time of day with milliseconds: `14:03:22.118`. */
export function clockTime(atMs: number): string {
  const date = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** A count with thin gaps between its thousands: `12 345`. */
export function counted(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
