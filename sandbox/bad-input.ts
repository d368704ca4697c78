/** What the person gave is wrong: exit code 2, nothing was touched. The message names the field or line and what is expected. */
export class BadInputError extends Error {
  override readonly name = 'BadInputError';
}
