import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Permission } from '../rights/permission.ts';
import { acknowledgeWildcards } from '../rights/wildcard-reasons.ts';

/**
 * The role of the state machine. It may invoke the functions of its own stack only. CDK would also allow every version and alias of each
 * function.
 *
 * @param permissions of its states besides that.
 */
export function workflowRole(
  scope: Construct,
  id: string,
  functions: IFunction[],
  permissions: Permission[] = [],
): IRole {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: functions.map((each) => each.functionArn),
    }),
  );
  for (const { statement } of permissions) role.addToPolicy(statement);
  // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'logs:CreateLogDelivery',
        'logs:GetLogDelivery',
        'logs:UpdateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:DescribeResourcePolicies',
        'logs:DescribeLogGroups',
      ],
      resources: ['*'],
    }),
  );
  // https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      resources: ['*'],
    }),
  );
  acknowledgeWildcards(role, [
    { resource: '*', reason: 'The delivery of logs and X-Ray know no resource' },
    ...permissions.flatMap(({ wildcards }) => wildcards),
  ]);
  return role.withoutPolicyUpdates();
}
