import { tagsOf } from '../../aws/ownership.ts';
import type { Finding } from '../../aws/rds/kind.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { ResourceTag } from '../../contract/keys.ts';
import { MOST_TAGS, type PlannedTag } from '../../contract/tags-config.ts';

/** What a run sets beside the system's and its own: the marks of a snapshot, and which volumes belong together. */
const LATER = { [ResourceTag.Verified]: '', [ResourceTag.Superseded]: '', [ResourceTag.VolumeSet]: '' };

/** Why AWS would refuse what a run makes of it: with the tags of the source, the system and the run it would have too many. */
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
