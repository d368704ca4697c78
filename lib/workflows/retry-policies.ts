import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { ErrorName } from '../../functions/contract/errors.ts';

/**
 * Lambda itself could not run the function: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
 * A function that was killed or ran out of time is tried again too: every step is idempotent.
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
 * Before anything is touched: 2, 4, 8, 16, 32 s, a minute in all (full jitter: half of it on average). A run that cannot begin should
 * say so soon.
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
 * Besides {@link BEFORE_TOUCHING}, of the plan's look: a database that is being backed up, a server that is just starting. Every minute for
 * 40 minutes, longer than the function waits before it refuses with the state as a reason.
 */
export const SETTLES: RetryProps = {
  errors: [ErrorName.NotSettledYet],
  interval: Duration.seconds(60),
  backoffRate: 1,
  maxAttempts: 40,
};

/**
 * At the end of a run, whose own error is thrown there: 2, 4, 8 s, 14 s in all at most. An error that ended the run and is named here too is
 * thrown so often again, which does no harm; more tries would only keep the execution from ending.
 */
export const AT_THE_END: RetryProps = { ...BEFORE_TOUCHING, maxAttempts: 3 };

/**
 * While the CRM is half down, and on the way back: 2, 4, 8, 16, 32, 60, 60, … s; 12 tries wait 482 s in all at most. Longer than AWS's
 * usual hiccups, short enough that the users are not kept waiting for a roll back.
 */
export const HALF_WAY: RetryProps = { ...BEFORE_TOUCHING, maxAttempts: 12 };

/**
 * Besides {@link HALF_WAY}, of the steps that read whole databases: a server that cannot be reached just now, 15, 30, 60 s, 105 s in all. A
 * failover of a Multi-AZ instance takes one to two minutes (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html),
 * and a secret may be rotated in the middle of a run. What was read already is not read again. Not more often: a server that answers
 * nothing takes a call of a quarter of an hour each time, while the users wait for the roll back.
 */
export const SERVER_AWAY: RetryProps = {
  errors: [ErrorName.DatabaseUnreachable],
  interval: Duration.seconds(15),
  backoffRate: 2,
  maxAttempts: 3,
};

/**
 * Besides the others, of a shutdown's own steps: the run was stopped, and redriven while CleanUp looks after it. CleanUp waits for a function of the run that is
 * still at work (an announcement: a quarter of an hour), looks again and gives the lock back; one that died is followed by another within the hour. Every 15 s for 75 minutes.
 */
export const LOCK_COMES_BACK: RetryProps = {
  errors: [ErrorName.CleanUpUnderWay],
  interval: Duration.seconds(15),
  backoffRate: 1,
  maxAttempts: 300,
};

/**
 * Past the point of no return there is no way back, only patience: 2, 4, … 60, 60 s; 40 tries wait 36 minutes in all at most. A database
 * that cannot be reached from here cannot be reached by the operator either.
 */
export const NO_WAY_BACK: RetryProps = { ...BEFORE_TOUCHING, maxAttempts: 40 };
