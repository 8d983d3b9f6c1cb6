/** What `engine.status` of a room tells (spec/media.md §7). */
export interface RoomFigures {
  readonly maxUsers: number;
  readonly users: number;
  /** Whether anybody is told what happens in it. */
  readonly notifies: boolean;
}

/** @param line as in `name=conf/r,type=conference;module=conf,room=r,maxusers=10,…` */
export function roomFigures(line: string): RoomFigures {
  const number = (name: string): number => Number(new RegExp(`[,;]${name}=(\\d+)`).exec(line)?.[1] ?? 0);
  return {
    maxUsers: number("maxusers"),
    users: number("users"),
    notifies: /,notify=[^,\s]/.test(line),
  };
}

/**
 * The legs of callers in one room.
 * @param line as in `name=conf,…;…;conf/1=outgoing|r|sip/1,conf/2=…`; recorders are `incoming`
 */
export function legsIn(room: string, line: string): { readonly leg: string; readonly peer: string }[] {
  const channels = line.trimEnd().split(";")[2] ?? "";
  return channels.split(",").flatMap((entry) => {
    const at = entry.indexOf("=");
    const [direction, address, peer] = entry.slice(at + 1).split("|");
    return direction === "outgoing" && address === room && peer ? [{ leg: entry.slice(0, at), peer }] : [];
  });
}
