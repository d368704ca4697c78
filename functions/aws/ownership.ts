import type { Tag } from '@aws-sdk/client-rds';
import type { SystemConfig } from '../contract/config.ts';
import { MARKED, ResourceTag } from '../contract/keys.ts';
import type { PlannedTag } from '../contract/tags-config.ts';

/** True when the tags say that this run of this system made the resource. */
export function hasTags(tags: Tag[] | undefined, system: string, runId: string): boolean {
  const value = (key: string): string | undefined => tags?.find((tag) => tag.Key === key)?.Value;
  return value(ResourceTag.System) === system && value(ResourceTag.Run) === runId;
}

/** True where the closing of a verified run has set that mark. */
export function isMarked(
  tags: Tag[] | undefined,
  mark: typeof ResourceTag.Verified | typeof ResourceTag.Superseded,
): boolean {
  return tags?.some(({ Key, Value }) => Key === mark && Value === MARKED) === true;
}

/**
 * What a run puts on everything that it creates: the system's own tags, and those by which it knows the thing again.
 *
 * @param source tags of what it is made of, where they are copied. The system's and the run's come before them.
 * @param more of this one thing, by key.
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

/** Tags that may be copied: those of AWS itself and those of Lights Out say what the source is, not what is made of it. */
export function copyable(tags: readonly Partial<Tag>[] | undefined): PlannedTag[] {
  return (tags ?? []).flatMap(({ Key = '', Value = '' }) =>
    /^(aws|lights-out):/i.test(Key) || Key === '' ? [] : [{ Key, Value }],
  );
}
