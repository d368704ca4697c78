import type { ResolvedStack } from '../iam/policies.ts';
import { bytes, characters, LIMITS, type Limit } from './limits-of-resources.ts';
import { resourcesOf } from './stacks.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const OF_A_TEMPLATE = { resources: 500, outputs: 200, bytes: 1024 * 1024, description: 1024 };

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const OF_TAGS = { count: 50, key: 128, value: 256 };

/** Everything in a stack that is more than AWS takes, by the resource's id. */
export function problemsOfLimits(
  stack: ResolvedStack,
  template: { Description?: string; Outputs?: object },
  limits: readonly Limit[] = LIMITS,
): string[] {
  const problems = limits.flatMap(({ type, what, measure, most, source }) =>
    resourcesOf(stack, type).flatMap(([id, properties]) => {
      const found = measure(properties, stack, id);
      return found > most ? [`${id}: ${what}: found ${found}, at most ${most} (${source})`] : [];
    }),
  );
  const whole = {
    resources: Object.keys(stack.resources).length,
    outputs: Object.keys(template.Outputs ?? {}).length,
    bytes: Buffer.byteLength(JSON.stringify(template)),
    description: bytes(template.Description),
  };
  for (const key of Object.keys(OF_A_TEMPLATE) as (keyof typeof OF_A_TEMPLATE)[])
    if (whole[key] > OF_A_TEMPLATE[key])
      problems.push(`template: ${key}: found ${whole[key]}, at most ${OF_A_TEMPLATE[key]}`);
  for (const [id, { Properties }] of Object.entries(stack.resources)) {
    const tags = Properties?.['Tags'];
    if (!Array.isArray(tags)) continue;
    const isTooLong = ({ Key, Value }: { Key: string; Value: string }): boolean =>
      characters(Key) > OF_TAGS.key || characters(Value) > OF_TAGS.value;
    if (tags.length > OF_TAGS.count || (tags as { Key: string; Value: string }[]).some(isTooLong))
      problems.push(`${id}: tags: ${tags.length}, or one that is too long`);
  }
  return problems;
}
