import type { DeployedFunction, PolicyStatement } from '../../sandbox/deployment.ts';

/** A function of the sandbox that only calls: known by its access key, allowed what the statement says. */
export function deployedFunction(
  accessKeyId: string,
  allowed: Pick<PolicyStatement, 'Action' | 'Resource'>,
): DeployedFunction {
  return {
    step: accessKeyId,
    arn: 'arn:function',
    bundleDirectory: '/nowhere',
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 60,
    memoryMib: 128,
    role: {
      arn: `arn:aws:iam::111122223333:role/${accessKeyId}`,
      statements: [{ Effect: 'Allow', ...allowed }],
    },
    accessKeyId,
  };
}
