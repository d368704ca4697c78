import { tagsOf } from '../../aws/ownership.ts';
import type { Finding } from '../../aws/rds/kind.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { ResourceTag } from '../../contract/keys.ts';
import { MOST_TAGS, type PlannedTag } from '../../contract/tags-config.ts';

/** Tags that a run sets beside the tags of system and run: the marks of a snapshot, and the tag that groups volumes. */
const LATER = { [ResourceTag.Verified]: '', [ResourceTag.Superseded]: '', [ResourceTag.VolumeSet]: '' };

/** The reason why AWS would refuse a resource of the run: the tags of source, system and run together are too many. */
export function tooManyTags(config: SystemConfig, copied: readonly PlannedTag[], way: string): Finding[] {
  const count = tagsOf(config, '', copied, LATER).length;
  if (count <= MOST_TAGS) return [];
  return [
    {
      problem: `what is made of it would carry ${count} tags (${copied.length} of its own, ${Object.keys(config.tags).length} of the system, the others Lights Out’s), and AWS allows ${MOST_TAGS}`,
      remedy: way,
    },
  ];
}
