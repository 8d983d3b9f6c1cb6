/** What the engine's error names are on the wire, and back (spec/calls.md §3, spec/sip.md §6). */
const statusOfError: Readonly<Record<string, number>> = {
  incomplete: 484,
  noroute: 404,
  noconn: 503,
  noauth: 401,
  noautoauth: 401,
  nomedia: 415,
  nocall: 481,
  busy: 486,
  noanswer: 480,
  rejected: 406,
  forbidden: 403,
  offline: 404,
  congestion: 480,
  unallocated: 410,
  moved: 410,
  failure: 500,
  pending: 491,
  looping: 483,
  timeout: 408,
  postdialdelay: 504,
  "service-not-implemented": 501,
  unimplemented: 501,
  "service-unavailable": 503,
  noresource: 503,
  unacceptable: 488,
  interworking: 500,
  "invalid-message": 400,
  "protocol-error": 400,
};

const errorOfStatus: Readonly<Record<number, string>> = {
  400: "interworking",
  401: "noauth",
  403: "forbidden",
  404: "noroute",
  406: "rejected",
  408: "noconn",
  410: "unallocated",
  415: "nomedia",
  480: "noanswer",
  481: "nocall",
  483: "looping",
  484: "incomplete",
  486: "busy",
  487: "noanswer",
  488: "unacceptable",
  491: "pending",
  500: "failure",
  501: "service-not-implemented",
  503: "noconn",
  504: "timeout",
  600: "busy",
  603: "forbidden",
  604: "noroute",
  606: "rejected",
};

/** The final response that says this error; a number stands for itself. Undefined for other texts. */
export function errorStatus(error: string | undefined): number | undefined {
  if (!error) return undefined;
  if (Object.hasOwn(statusOfError, error)) return statusOfError[error];
  const number = /^[3-6]\d\d$/.test(error) ? Number(error) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}

/** The error name of a final response; its phrase where there is none. */
export function statusError(status: number, phrase: string): string {
  return errorOfStatus[status] ?? phrase;
}
