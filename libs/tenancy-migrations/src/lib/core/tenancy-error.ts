/** What the JSON face of an error carries beside `code`, `message` and `remedy`. */
export type ErrorFields = Readonly<Record<string, string | number | boolean | null | readonly string[] | undefined>>;

/**
 * An error is a small document: a class, a stable `code`, fields, a `cause`, and a remedy that the message ends with.
 * Every error that this library throws or reports is one of these.
 */
export abstract class TenancyError extends Error {
  /** Stable across releases; scripts may rely on it. */
  abstract readonly code: string;

  protected constructor(
    what: string,
    /** What the reader can do about it, one sentence. */
    readonly remedy: string,
    /** The facts behind the message, for machines. */
    readonly fields: ErrorFields = {},
    cause?: unknown,
  ) {
    super(`${what}. ${remedy}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }

  toJSON(): ErrorFields & { code: string; message: string; remedy: string } {
    return { ...this.fields, code: this.code, message: this.message, remedy: this.remedy };
  }
}
