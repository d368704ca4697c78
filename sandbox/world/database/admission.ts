import type { CallerDirectory } from '../../aws/iam/authorization.ts';
import type { SandboxAccount } from '../../deployment.ts';
import type { SimulatedClock } from '../../play/clock.ts';
import { judgeToken } from './auth-token.ts';
import type { Admission } from './world-options.ts';

/** Where every instance of the sandbox is. */
const ADDRESS = '127.0.0.1';

/**
 * IAM database authentication over the functions of a deployment: the token must be the caller's own, for this user and this endpoint, and
 * the caller's role must allow `rds-db:connect` on the user of this instance
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html).
 */
export function admissionBy(
  callers: CallerDirectory,
  clock: SimulatedClock,
  { partition, region, account }: SandboxAccount,
): Admission {
  return ({ token, user, port, resourceId }) => {
    const verdict = judgeToken(token, { user, address: ADDRESS, port, region, now: clock.now() });
    if ('problem' in verdict) return `the token is refused: ${verdict.problem}`;
    const caller = callers.find(verdict.accessKeyId);
    if (caller === undefined) return 'the token is signed by nobody known here';
    const resource = `arn:${partition}:rds-db:${region}:${account}:dbuser:${resourceId}/${user}`;
    return callers.allows(caller, 'rds-db:connect', resource)
      ? undefined
      : `${caller.function} may not rds-db:connect on ${resource}`;
  };
}
