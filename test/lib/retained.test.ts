import { describe, expect, it } from 'vitest';
import { type Shape, synthesiseShape } from '../shapes.ts';
import { ALL_SHAPES } from '../support/judges/stacks.ts';

/** Properties by which a template names a resource itself; all others get a name that CloudFormation makes. */
const NAMES = [
  'LogGroupName',
  'BucketName',
  'QueueName',
  'TopicName',
  'StateMachineName',
  'RoleName',
  'ManagedPolicyName',
  'AliasName',
  'AlarmName',
  'TableName',
  'GroupName',
];

/** Types whose `Name` is such a name. */
const NAMED_BY_NAME = /^AWS::(SSM::(Document|Parameter)|Events::Rule|Scheduler::Schedule)$/;

const resourcesOf = (shape: Shape) =>
  Object.entries(synthesiseShape(shape).template.Resources).map(([id, resource]) => {
    const { Type, Properties = {} } = resource;
    const own = [
      ...(NAMED_BY_NAME.test(Type) ? ['Name'] : []),
      // Others name the function that they belong to.
      ...(Type === 'AWS::Lambda::Function' ? ['FunctionName'] : []),
    ];
    const names = [...NAMES, ...own].map((key) => Properties[key]);
    return { id, ...resource, name: names.find((name) => name !== undefined) };
  });

describe.each(ALL_SHAPES)('a stack of $name', (shape) => {
  const kept = resourcesOf(shape).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
  it('that rolls back leaves nothing, and keeps what was in use', () => {
    expect(kept.map(({ Type }) => Type)).toEqual(
      expect.arrayContaining(['AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::KMS::Key']),
    );
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of kept)
      expect({ id, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        id,
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
  });

  it('that is destroyed and deployed again does not meet what was kept', () => {
    for (const { id, name } of kept)
      if (name !== undefined) expect(JSON.stringify(name), id).toContain('{"Ref":"AWS::StackId"}');
  });

  it('has a fixed name only where a policy knows the resource before it exists', () => {
    const fixed = resourcesOf(shape).filter(
      ({ name }) => name !== undefined && !JSON.stringify(name).includes('AWS::StackId'),
    );
    const types = new Set(fixed.map(({ Type }) => Type));
    types.delete('AWS::SSM::Document');
    expect([...types]).toEqual(['AWS::StepFunctions::StateMachine']);
  });
});
