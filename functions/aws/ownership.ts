import type { Tag } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../contract/config.ts';
import { MARKED, ResourceTag } from '../contract/keys.ts';
import type { PlannedTag } from '../contract/tags-config.ts';

/** Whether the tags say that this run of this system made the resource. */
export function hasTags(tags: Tag[] | undefined, system: string, runId: string): boolean {
  const value = (key: string): string | undefined => tags?.find((tag) => tag.Key === key)?.Value;
  return value(ResourceTag.System) === system && value(ResourceTag.Run) === runId;
}

/** Whether the closing of a verified run has set that mark. */
export function isMarked(
  tags: Tag[] | undefined,
  mark: typeof ResourceTag.Verified | typeof ResourceTag.Superseded,
): boolean {
  return tags?.some(({ Key, Value }) => Key === mark && Value === MARKED) === true;
}

/**
 * The tags of a resource that a run creates: the system's own tags, and the tags by which the run knows the resource again.
 *
 * @param source tags of the source, if they are copied. The tags of the system and of the run override them.
 * @param more tags of this one resource, by key.
 */
export function tagsOf(
  { name, tags }: Pick<SystemConfig, 'name' | 'tags'>,
  runId: string,
  source: readonly PlannedTag[] = [],
  more: Record<string, string> = {},
): PlannedTag[] {
  const copied = Object.fromEntries(source.map(({ Key, Value }) => [Key, Value]));
  const own = { [ResourceTag.System]: name, [ResourceTag.Run]: runId, ...more };
  return Object.entries({ ...copied, ...tags, ...own }).map(([Key, Value]) => ({ Key, Value }));
}

/** The tags to copy. Tags of AWS and of Lights Out describe the source, not its copy, so they are left out. */
export function copyable(tags: readonly Partial<Tag>[] | undefined): PlannedTag[] {
  return (tags ?? []).flatMap(({ Key = '', Value = '' }) =>
    /^(aws|lights-out):/i.test(Key) || Key === '' ? [] : [{ Key, Value }],
  );
}
