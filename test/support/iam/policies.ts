import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { PolicyStatement } from '../../../sandbox/deployment.ts';
import { Resolver } from '../../../sandbox/resolver.ts';
import { type Shape, synthesiseShape } from '../../shapes.ts';

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

/** A role of a stack, and all that its policies say. */
export interface StackRole {
  id: string;
  arn: string;
  /** Of the role of a function: its step. */
  step?: string;
  statements: PolicyStatement[];
}

/** A policy that stands on a resource. */
export interface ResourcePolicy {
  id: string;
  type: string;
  statements: (PolicyStatement & { Principal?: unknown })[];
}

/** A shape's stack with every reference resolved, as CloudFormation would. */
export interface ResolvedStack {
  shape: Shape;
  /** Partition, Region and account. */
  account: { partition: string; region: string; account: string };
  resources: Record<string, Resource>;
  roles: StackRole[];
  resourcePolicies: ResourcePolicy[];
}

export function resolvedStack(shape: Shape): ResolvedStack {
  const { template } = synthesiseShape(shape);
  const { region, account } = shape.environment;
  const where = { account, region, partition: RegionInfo.get(region).partition ?? 'aws' };
  const resolver = new Resolver(template.Resources, where, `LightsOut-${shape.system.name}`);
  const resources = resolver.resolve(template.Resources) as Record<string, Resource>;
  const all = Object.entries(resources);
  const of = (type: string) => all.filter(([, resource]) => resource.Type === type);
  const documentOf = (properties: Record<string, unknown> | undefined, key = 'PolicyDocument') =>
    ((properties?.[key] as { Statement: Record<string, unknown>[] } | undefined)?.Statement ?? []).map(
      statementOf,
    );
  const steps = new Map(
    of('AWS::Lambda::Function').map(([, { Properties }]) => {
      const tags = (Properties?.['Tags'] ?? []) as { Key: string; Value: string }[];
      return [
        String(Properties?.['Role']).split('/').pop(),
        tags.find(({ Key }) => Key === 'lights-out:step')?.Value,
      ];
    }),
  );
  return {
    shape,
    account: where,
    resources,
    roles: of('AWS::IAM::Role').map(([id]) => {
      const name = resolver.nameOf(id);
      const step = steps.get(name);
      return {
        id,
        arn: `arn:${where.partition}:iam::${account}:role/${name}`,
        ...(step === undefined ? {} : { step }),
        statements: [...of('AWS::IAM::Policy'), ...of('AWS::IAM::ManagedPolicy')]
          .filter(([, { Properties }]) => ((Properties?.['Roles'] ?? []) as string[]).includes(name))
          .flatMap(([, { Properties }]) => documentOf(Properties)),
      };
    }),
    resourcePolicies: [
      ...all
        .filter(([, { Type }]) => !Type.startsWith('AWS::IAM::') && Type.endsWith('Policy'))
        .map(([id, { Type, Properties }]) => ({ id, type: Type, statements: documentOf(Properties) })),
      ...of('AWS::KMS::Key').map(([id, { Type, Properties }]) => ({
        id,
        type: Type,
        statements: documentOf(Properties, 'KeyPolicy'),
      })),
    ],
  };
}

function statementOf(statement: Record<string, unknown>): PolicyStatement & { Principal?: unknown } {
  const list = (value: unknown): string[] => [value].flat().map(String);
  return {
    Effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    Action: list(statement['Action']),
    Resource: list(statement['Resource']),
    ...(statement['Condition'] === undefined
      ? {}
      : { Condition: statement['Condition'] as NonNullable<PolicyStatement['Condition']> }),
    ...(statement['Principal'] === undefined ? {} : { Principal: statement['Principal'] }),
  };
}
