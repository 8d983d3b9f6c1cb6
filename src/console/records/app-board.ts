import type {
  AppRecord,
  ErrorRecord,
  OperationRecord,
  SourcedRecord,
  WaitRecord,
} from "../../trace/index.ts";
import type { AppView } from "../protocol.ts";

/** Told of a page at most. */
const maxWaits = 2000;
const maxErrors = 200;
/** Kept of one app at most: a leak is told by its count, not by holding all of it. */
const maxOpen = 20_000;
/** An app that tells nothing any more is gone: it tells of itself once a second. */
const silentMs = 20_000;

interface Board {
  app: AppRecord | undefined;
  heardMs: number;
  readonly waits: Map<number, WaitRecord>;
  readonly operations: Map<number, OperationRecord>;
  errors: ErrorRecord[];
}

/** What apps do at this moment: what they wait for, what they run, and what went wrong. */
export class AppBoard {
  readonly #boards = new Map<string, Board>();

  /** Takes a record; tells whether the views are others now. */
  add({ source, record }: SourcedRecord, nowMs: number): boolean {
    if (source.kind !== "app") return false;
    const board = this.#boardOf(source.name);
    board.heardMs = nowMs;
    switch (record.kind) {
      case "app":
        // The same name again, and started later: what the one before waited for is gone.
        if (board.app && board.app.startedMs !== record.startedMs) {
          board.waits.clear();
          board.operations.clear();
        }
        board.app = record;
        return true;
      case "wait":
        return change(board.waits, record);
      case "operation":
        return change(board.operations, record);
      case "error":
        board.errors = [record, ...board.errors].slice(0, maxErrors);
        return true;
      default:
        return false;
    }
  }

  /** Forgets apps that are gone; tells whether there was one. */
  prune(nowMs: number): boolean {
    let pruned = false;
    for (const [name, board] of this.#boards) {
      if (nowMs - board.heardMs < silentMs) continue;
      this.#boards.delete(name);
      pruned = true;
    }
    return pruned;
  }

  views(): AppView[] {
    return [...this.#boards].map(([source, { app, waits, operations, errors }]) => ({
      source,
      app,
      waits: first(waits.values(), maxWaits),
      operations: first(operations.values(), maxWaits),
      errors,
    }));
  }

  /** Called numbers that apps wait for, by the guards of their handlers. */
  targets(): string[] {
    const found: string[] = [];
    for (const { waits } of this.#boards.values()) {
      for (const { name, guard } of waits.values()) {
        if (name !== "call.route" && name !== "call.preroute") continue;
        const called = /(?:^|[\s,{])called[=:]\s*"?([\w*#+.-]+)/.exec(guard ?? "")?.[1];
        if (called !== undefined) found.push(called);
      }
    }
    return found;
  }

  #boardOf(name: string): Board {
    let board = this.#boards.get(name);
    if (!board) {
      board = { app: undefined, heardMs: 0, waits: new Map(), operations: new Map(), errors: [] };
      this.#boards.set(name, board);
    }
    return board;
  }
}

function change<R extends WaitRecord | OperationRecord>(open: Map<number, R>, record: R): boolean {
  if (record.phase === "end") return open.delete(record.id);
  open.set(record.id, record);
  if (open.size > maxOpen) {
    const [oldest] = open.keys();
    if (oldest !== undefined) open.delete(oldest);
  }
  return true;
}

function first<R>(values: Iterable<R>, count: number): R[] {
  const found: R[] = [];
  for (const value of values) {
    if (found.length === count) break;
    found.push(value);
  }
  return found;
}
