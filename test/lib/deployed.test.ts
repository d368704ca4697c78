import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../functions/contract/config.ts';
import { functionsOf } from '../../lib/permissions.ts';
import { SHAPES } from '../shapes.ts';
import { type ResolvedStack, resolvedStack } from '../support/iam/policies.ts';

const of = ({ resources }: ResolvedStack, type: string) =>
  Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
    Type === type ? [{ id, properties: Properties ?? {} }] : [],
  );
const nameOf = (stack: ResolvedStack, id: string): string => `LightsOut-${stack.shape.system.name}-${id}`;
const actionsOf = ({ roles }: ResolvedStack): string[] =>
  roles.flatMap(({ statements }) => statements.flatMap(({ Action }) => Action));

/** What an option that is off leaves out: of the actions of all roles, and of the resources. */
const LEFT_OUT: [string, (config: SystemConfig) => boolean, RegExp | undefined, RegExp | undefined][] = [
  [
    'approval',
    ({ approval }) => approval === undefined,
    /^states:SendTask/,
    /"approvals\/|\/approval"|approvals\/\*/,
  ],
  [
    'updates that are not installed',
    ({ updates }) => updates !== 'install',
    /^rds:ApplyPendingMaintenanceAction$/,
    /AWS-RunPatchBaseline/,
  ],
  [
    'files that are not backed up',
    ({ files }) => files.backup === 'none',
    // The plan looks at volumes for their keys, whatever is backed up.
    /^ec2:(CreateSnapshots?|CreateTags|DeleteSnapshot|DescribeSnapshots|(?!Describe).*Volumes?)$/,
    /-Volumes"/,
  ],
  [
    'files that are not compared',
    ({ files }) => files.backup !== 'verify',
    /^ec2:(Create|Attach|Detach|Delete)Volume$|^kms:(ReEncrypt|GenerateDataKeyWithout)/,
    undefined,
  ],
  ['maintenance mode', ({ maintenance }) => maintenance === undefined, undefined, /-Maintenance"/],
  ['services', ({ services }) => services.length === 0, undefined, /-Services"/],
  [
    'retention',
    ({ retention }) => retention === 'keep-all',
    /^(rds:DeleteDB(Cluster)?Snapshot|ec2:DeleteSnapshot)$/,
    undefined,
  ],
  ['a schedule', ({ schedule }) => schedule === undefined, undefined, /MissedStarts|StartMissed/],
  [
    'a password',
    ({ database }) => database.credentialsSecretArn === undefined,
    undefined,
    /secret:crm-db-lights-out-a1b2c3/,
  ],
  [
    'secrets',
    ({ database, notices }) => database.credentialsSecretArn === undefined && notices.webhooks.length === 0,
    /^secretsmanager:/,
    undefined,
  ],
  [
    'webhooks',
    ({ notices }) => notices.webhooks.length === 0,
    undefined,
    /secret:(crm|ops)-room|key\/3a4b5c6d/,
  ],
  ['IAM authentication', ({ database }) => database.iamUser === undefined, /^rds-db:/, undefined],
  [
    'a key of the secret',
    ({ database }) => database.credentialsKeyArn === undefined,
    undefined,
    /key\/0a1b2c3d/,
  ],
  [
    'customer managed keys',
    ({ database, files }) => database.kmsKeyArn === undefined && files.kmsKeyArns.length === 0,
    /^kms:CreateGrant$/,
    undefined,
  ],
];

describe.each(SHAPES)('$name', (shape) => {
  const stack = resolvedStack(shape);
  const config = SystemConfig.parse(shape.system);
  const machines = of(stack, 'AWS::StepFunctions::StateMachine');
  const functions = of(stack, 'AWS::Lambda::Function').map(({ id, properties }) => ({
    id,
    arn: `arn:${stack.account.partition}:lambda:${stack.account.region}:${stack.account.account}:function:${nameOf(stack, id)}`,
    role: String(properties['Role']),
  }));

  it('has the functions of its steps, and each of them is called by something', () => {
    expect(stack.roles.flatMap(({ step }) => step ?? []).sort()).toEqual(functionsOf(config).sort());
    const callers = JSON.stringify([
      ...machines.map(({ properties }) => properties['DefinitionString']),
      ...of(stack, 'AWS::Events::Rule').map(({ properties }) => properties['Targets']),
      ...of(stack, 'AWS::Scheduler::Schedule').map(({ properties }) => properties['Target']),
      ...of(stack, 'AWS::ApiGatewayV2::Integration').map(({ properties }) => properties['IntegrationUri']),
    ]);
    expect(functions.length).toBeGreaterThan(10);
    expect(functions.filter(({ arn }) => !callers.includes(arn)).map(({ id }) => id)).toEqual([]);
  });

  it('has no role that nothing assumes', () => {
    const users = JSON.stringify([
      functions.map(({ role }) => role),
      machines.map(({ properties }) => properties['RoleArn']),
      of(stack, 'AWS::Scheduler::Schedule').map(({ properties }) => properties['Target']),
    ]);
    expect(stack.roles.filter(({ arn }) => !users.includes(`"${arn}"`)).map(({ id }) => id)).toEqual([]);
  });

  it('lets each state machine call the functions of its states, and no other', () => {
    for (const { id, properties } of machines) {
      const role = stack.roles.find(({ arn }) => arn === properties['RoleArn']);
      const allowed = role?.statements
        .filter(({ Action }) => Action.includes('lambda:InvokeFunction'))
        .flatMap(({ Resource }) => Resource);
      const called = functions.filter(({ arn }) =>
        String(properties['DefinitionString']).includes(`"${arn}"`),
      );
      expect(allowed?.sort(), id).toEqual(called.map(({ arn }) => arn).sort());
    }
  });

  it('has no queue that nothing is sent to, and no document that nobody may send', () => {
    const text = JSON.stringify(Object.values(stack.resources).filter(({ Type }) => !/Queue/.test(Type)));
    for (const { id } of of(stack, 'AWS::SQS::Queue')) expect(text, id).toContain(nameOf(stack, id));
    for (const { id, properties } of of(stack, 'AWS::SSM::Document')) {
      const sent = stack.roles.some(({ statements }) =>
        statements.some(
          ({ Action, Resource }) =>
            Action.includes('ssm:SendCommand') &&
            Resource.some((resource) => resource.endsWith(`document/${String(properties['Name'])}`)),
        ),
      );
      expect(sent, id).toBe(true);
    }
  });

  it('holds nothing of an option that is off', () => {
    const actions = actionsOf(stack);
    const text = JSON.stringify(stack.resources);
    for (const [option, isOff, action, resource] of LEFT_OUT) {
      if (!isOff(config)) continue;
      if (action !== undefined)
        expect(
          actions.filter((each) => action.test(each)),
          option,
        ).toEqual([]);
      if (resource !== undefined) expect(text.match(resource)?.[0], option).toBe(undefined);
    }
  });
});

it('tries every option both on and off', () => {
  const configs = SHAPES.map(({ system }) => SystemConfig.parse(system));
  for (const [option, isOff] of LEFT_OUT) {
    expect(new Set(configs.map(isOff)), option).toEqual(new Set([true, false]));
  }
});
