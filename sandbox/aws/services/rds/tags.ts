import type { AddTagsToResourceCommandInput, Tag } from '@aws-sdk/client-rds';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import { AwsError, type Operation, type ServiceOperations } from '../../operation.ts';
import { conditionTags } from './checks.ts';

/** Tags on snapshots that are there. */
export function tagOperations(world: DatabaseWorld): ServiceOperations {
  const find = (arn = ''): { tags: Tag[] } | undefined =>
    [...world.snapshots.values(), ...world.clusterSnapshots.values()].find((each) => each.arn === arn);
  const add: Operation<AddTagsToResourceCommandInput, unknown> = {
    resources: ({ ResourceName = '' }) => [ResourceName],
    resourceTags: ({ ResourceName }) => conditionTags(find(ResourceName)?.tags),
    run: ({ ResourceName, Tags = [] }) => {
      const found = find(ResourceName);
      if (found === undefined)
        throw new AwsError('DBSnapshotNotFoundFault', `DBSnapshot ${ResourceName} not found.`, 404);
      found.tags = [...found.tags.filter(({ Key }) => !Tags.some((tag) => tag.Key === Key)), ...Tags];
      return {};
    },
  };
  return { AddTagsToResource: add };
}
