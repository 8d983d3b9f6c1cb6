/** A command line that cannot be used: exit code 2. `advice` is what to do instead. */
export class UsageError extends Error {
  readonly advice: string;

  constructor(what: string, advice: string) {
    super(what);
    this.name = "UsageError";
    this.advice = advice;
  }
}
