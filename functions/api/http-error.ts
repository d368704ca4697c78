/** An answer that is not 2xx, with a sentence for the caller. */
export class HttpError extends Error {
  readonly status: number;
  /** One line per invalid field. */
  readonly problems: string[] | undefined;

  constructor(status: number, message: string, problems?: string[]) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.problems = problems;
  }
}
