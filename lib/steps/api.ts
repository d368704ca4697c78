import { allow, anyResource, OWN_PREFIX, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

/** Only by this function people reach a run, each with a signed request. */
export function permissions(rights: Rights): Permission[] {
  const { names, system } = rights;
  const answers = [
    anyResource(
      ['states:SendTaskSuccess', 'states:SendTaskFailure'],
      'these actions know no resource; they need the task token, and no answer counts without its record',
    ),
    allow(['s3:GetObject', 's3:DeleteObject'], [rights.objects('approvals')], OWN_PREFIX),
    rights.write('answers'),
  ];
  return [
    allow(['states:StartExecution'], [names.stateMachineArn(), names.startupArn(), names.keepStoppedArn()]),
    rights.executions('states:DescribeExecution'),
    ...(system.approval === undefined ? [] : answers),
    rights.read('locks', 'requests'),
    rights.recordRequest,
    rights.write('intent', 'holds'),
    rights.list,
  ];
}
