import { ErrorName, LightsOutError, messageOf } from '../contract/errors.ts';

interface SdkError extends Error {
  $metadata?: { httpStatusCode?: number };
  $retryable?: { throttling?: boolean };
  code?: string;
}

/**
 * Error codes by which AWS services throttle
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

const ACCESS_DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
]);

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
]);

/** The SDK's name of an error (`DBInstanceNotFoundFault`), or undefined for anything else. */
export function awsErrorName(error: unknown): string | undefined {
  return error instanceof Error && '$metadata' in error ? error.name : undefined;
}

/** True when `error` is an AWS error with one of these names. */
export function isAwsError(error: unknown, ...names: string[]): boolean {
  const name = awsErrorName(error);
  return name !== undefined && names.includes(name);
}

/** The answer of a call, or undefined if AWS answers with one of these errors. */
export async function unlessAwsError<Answer>(
  names: readonly string[],
  call: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isAwsError(error, ...names)) return undefined;
    throw error;
  }
}

/** Whether AWS itself refused the call, so that the call had no effect. A 5xx or a lost answer leaves the effect open. */
export function isAwsRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || NETWORK.has(error.name)) return false;
  const status = (error as SdkError).$metadata?.httpStatusCode;
  return THROTTLING.has(error.name) || (status !== undefined && status >= 400 && status < 500);
}

/**
 * Turns errors of the SDK into errors of Lights Out. Throttling, 5xx and lost connections become `AwsTemporarilyUnavailable`, which the
 * workflow tries again. Refusals become `AwsAccessDenied`. Any other error stays as it is.
 */
export function translateAwsError(thrown: unknown): Error {
  if (thrown instanceof LightsOutError) return thrown;
  const error: SdkError = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
  const status = error.$metadata?.httpStatusCode ?? 0;
  const network = NETWORK.has(error.name) || (error.code !== undefined && NETWORK.has(error.code));
  if (
    THROTTLING.has(error.name) ||
    error.$retryable?.throttling === true ||
    status >= 500 ||
    status === 429 ||
    network
  ) {
    return new LightsOutError(
      ErrorName.AwsTemporarilyUnavailable,
      `AWS could not answer just now (${error.name}: ${error.message}); the workflow tries again`,
      { cause: error },
    );
  }
  if (ACCESS_DENIED.has(error.name) || status === 403) {
    return new LightsOutError(
      ErrorName.AwsAccessDenied,
      `AWS refused the call (${error.name}: ${error.message}); check the function's role and the resource's own policy`,
      { cause: error },
    );
  }
  return error;
}
