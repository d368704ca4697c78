import type { Filter, Tag } from '@aws-sdk/client-rds';
import type { Cluster } from '../../../world/database/cluster.ts';
import type { Instance } from '../../../world/database/instance.ts';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Caller } from '../../operation.ts';

const IDENTIFIER = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/;

/** @throws AwsError when it is not what RDS takes as an identifier. */
export function requireIdentifier(what: string, identifier: string): void {
  if (!IDENTIFIER.test(identifier))
    throw new AwsError('InvalidParameterValue', `Invalid ${what} identifier: ${identifier}`);
}

export function requireInstance(world: DatabaseWorld, identifier: string | undefined): Instance {
  const instance = world.instances.get(identifier ?? '');
  if (instance === undefined || !world.isListed(instance))
    throw new AwsError('DBInstanceNotFoundFault', `DBInstance ${identifier} not found.`, 404);
  return instance;
}

export function requireCluster(world: DatabaseWorld, identifier: string | undefined): Cluster {
  const cluster = world.clusters.get(identifier ?? '');
  if (cluster === undefined || !world.isListed(cluster))
    throw new AwsError('DBClusterNotFoundFault', `DBCluster ${identifier} not found.`, 404);
  return cluster;
}

export function requireClusterState(cluster: Cluster, ...states: string[]): void {
  if (states.includes(cluster.status)) return;
  throw new AwsError(
    'InvalidDBClusterStateFault',
    `DbCluster ${cluster.identifier} is in ${cluster.status} state, expected ${states.join(' or ')}.`,
  );
}

/** A deletion says whether there is to be a final snapshot, and then names it. */
export function requireFinalSnapshotChoice(input: {
  SkipFinalSnapshot?: boolean | undefined;
  FinalDBSnapshotIdentifier?: string | undefined;
}): void {
  if (input.SkipFinalSnapshot === true && input.FinalDBSnapshotIdentifier !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.',
    );
  }
  if (input.SkipFinalSnapshot !== true && input.FinalDBSnapshotIdentifier === undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
    );
  }
}

export function requireState(instance: Instance, ...states: string[]): void {
  if (states.includes(instance.status)) return;
  throw new AwsError(
    'InvalidDBInstanceStateFault',
    `Instance ${instance.identifier} cannot be used: it is in state ${instance.status}, expected ${states.join(' or ')}.`,
  );
}

/**
 * RDS uses the key of what it restores on behalf of the caller. The API reference lists this error for restores and for new instances, and for no snapshot
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html); its words are those that users of
 * RDS quote (https://github.com/awslabs/aurora-snapshot-tool/issues/29).
 */
export function requireKey(world: DatabaseWorld, arn: string | undefined, caller: Caller): void {
  const { keys } = world.options;
  if (arn === undefined || keys === undefined) return;
  const key = keys.find(arn);
  if (key !== undefined && keys.mayUse(key, caller, 'rds')) return;
  throw new AwsError(
    'KMSKeyNotAccessibleFault',
    `The KMS key [${arn}] does not exist, is not enabled or you do not have permissions to access it.`,
  );
}

/** Whoever makes something with tags needs this too: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html */
export function tagging(tags: Tag[] | undefined): string[] {
  return tags === undefined || tags.length === 0 ? [] : ['rds:AddTagsToResource'];
}

/** Tags as a policy's conditions are held against. */
export function conditionTags(tags: Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** @throws AwsError for a filter that the operation does not know. */
export function requireFilters(filters: Filter[] | undefined, ...known: string[]): void {
  const unknown = filters?.find(({ Name }) => !known.includes(Name ?? ''));
  if (unknown !== undefined)
    throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${unknown.Name}`);
}
