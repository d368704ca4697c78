import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { ErrorName } from '../../functions/contract/errors.ts';

/**
 * Errors of Lambda itself:
 * https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
 * A function that was killed or ran out of time is tried again too, since every step is idempotent.
 */
const LAMBDA_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
];

/**
 * Before anything is touched: 2, 4, 8, 16, 32 s, a minute in all (full jitter: half of it on average). A run that cannot begin should fail
 * soon.
 */
export const BEFORE_TOUCHING: RetryProps = {
  errors: [...LAMBDA_ERRORS, ErrorName.AwsTemporarilyUnavailable, ErrorName.ChannelUnavailable],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 5,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};

/**
 * For the plan's look, besides {@link BEFORE_TOUCHING}: a database in a backup, a server that is just starting. Every minute for 40
 * minutes. The function waits less, and then refuses with the state as a reason.
 */
export const SETTLES: RetryProps = {
  errors: [ErrorName.NotSettledYet],
  interval: Duration.seconds(60),
  backoffRate: 1,
  maxAttempts: 40,
};

/**
 * While the CRM is half down, and on the way back: 2, 4, 8, 16, 32, 60, 60, … s; 12 tries wait 482 s in all at most. That is longer than
 * AWS's usual hiccups, and short enough for the users who wait for a roll back.
 */
export const HALF_WAY: RetryProps = { ...BEFORE_TOUCHING, maxAttempts: 12 };

/**
 * For the steps that read whole databases, besides {@link HALF_WAY}: a server that cannot be reached, 15, 30, 60 s, 105 s in all. A
 * failover of a Multi-AZ instance takes one to two minutes
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html), and a secret may be rotated during a run. A
 * retry does not read again what was read already. More tries would make the users wait for the roll back: each call to a server that does
 * not answer takes a quarter of an hour.
 */
export const SERVER_AWAY: RetryProps = {
  errors: [ErrorName.DatabaseUnreachable],
  interval: Duration.seconds(15),
  backoffRate: 2,
  maxAttempts: 3,
};

/**
 * Past the point of no return there is no way back, only patience: 2, 4, … 60, 60 s; 40 tries wait 36 minutes in all at most. If the
 * function cannot reach the database, the operator cannot either.
 */
export const NO_WAY_BACK: RetryProps = { ...BEFORE_TOUCHING, maxAttempts: 40 };
