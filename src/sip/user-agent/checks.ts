import { listOf } from "../list.ts";
import type { SipRequest } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ServerTransaction } from "../transaction.ts";
import type { MessageExtras } from "../user-agent.ts";
import type { Core, Pair } from "./core.ts";

interface Refusal extends MessageExtras {
  readonly status: number;
}

/** What a request is refused for before anybody looks at what it is about (RFC 3261 §8.2); undefined: nothing. */
export function refusalOf(core: Core, allow: ReadonlySet<string>, request: SipRequest): Refusal | undefined {
  const { headers } = request;
  // §8.2.1 has 405 for methods known but not allowed; 501 is what the reference engine answers to both (spec/sip.md §2).
  if (!allow.has(request.method)) return { status: 501 };
  if (headers.has("require")) {
    const unknown = listOf(headers, "require").filter((tag) => !core.supported.has(tag.toLowerCase()));
    if (unknown.length > 0) return { status: 420, headers: [["Unsupported", unknown.join(", ")]] };
  }
  if (headers.has("content-encoding") && request.body.length > 0) {
    const other = listOf(headers, "content-encoding").some((coding) => coding.toLowerCase() !== "identity");
    if (other) return { status: 415, headers: [["Accept-Encoding", "identity"]] };
  }
  return undefined;
}

/** Whether a request with the same Call-ID, From tag and CSeq is another one that came on another way (RFC 3261 §8.2.2.2). */
export interface MergeMark {
  readonly blocks: boolean;
  /** Not answered finally yet. */
  readonly pending: boolean;
}

/** What merged requests have in common. */
export const mergeKey = ({ headers }: SipRequest): string =>
  `${headers.get("cseq")}\n${tagOf(headers, "from")}\n${headers.get("call-id")}`;

/** The mark of an INVITE, which its session keeps up to date: it blocks while its transaction lives. */
export class InviteMark implements MergeMark {
  blocks = true;
  pending = true;

  /** It was answered; a challenged one may come again with the same CSeq from phones that do not count. */
  answered(status: number): void {
    this.pending = false;
    this.blocks = status !== 401 && status !== 407;
  }
}

/** The mark of any other request: it blocks until it is answered; to answer it twice does no harm. */
export class RequestMark implements MergeMark {
  readonly #transaction: WeakRef<ServerTransaction>;

  constructor(transaction: ServerTransaction) {
    this.#transaction = new WeakRef(transaction);
  }

  get blocks(): boolean {
    return this.#transaction.deref()?.completed === false;
  }

  get pending(): boolean {
    return this.blocks;
  }
}

/** `Allow` as a header. */
export const allowHeader = (allow: readonly string[]): Pair => ["Allow", allow.join(", ")];
