import type { Tag } from '@aws-sdk/client-rds';
import { ResourceTag } from './contract/keys.ts';

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

/** Value of the marks. */
export const MARKED = 'yes';

/** What a run puts on everything that it creates. */
export function tagsOf(system: string, runId: string): Tag[] {
  return [
    { Key: ResourceTag.System, Value: system },
    { Key: ResourceTag.Run, Value: runId },
  ];
}
