/** Largest payload of a state, in bytes: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAXIMUM_PAYLOAD_BYTES = 262_144;

/** "A terminal error that can't be caught by States.ALL": https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export const TOO_LARGE = 'States.DataLimitExceeded';

/** Bytes of a payload, as JSON. */
export function sizeOf(data: unknown): number {
  return Buffer.byteLength(JSON.stringify(data) ?? '');
}

/** @throws Error `States.DataLimitExceeded`. */
export function mustFit(data: unknown, what: string): void {
  if (sizeOf(data) <= MAXIMUM_PAYLOAD_BYTES) return;
  const error = new Error(`${what} with a size exceeding the maximum number of bytes service limit.`);
  throw Object.assign(error, { name: TOO_LARGE });
}
