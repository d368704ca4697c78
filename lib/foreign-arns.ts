import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { SystemConfig } from '../functions/contract/config.ts';

/** An ARN in the configuration, and its path. */
interface NamedArn {
  /** `systems[0].database.kmsKeyArn` */
  path: string;
  partition: string;
  /** Empty for global resources, e.g. IAM roles. */
  region: string;
  account: string;
}

/** The expected partition, Region or account, and its source. */
interface Expected {
  value: string;
  says: string;
}

const PARTS = ['partition', 'region', 'account'] as const;
const WORDS = { partition: 'partition', region: 'Region', account: 'account' } as const;

/**
 * ARNs of another partition, Region or account than the stack's. No role of the stack could use them, and a run would find that out only at
 * their first use. Without `environment` the credentials decide where the stack is deployed. Then all ARNs must share one place.
 *
 * @param root path of the system, e.g. `systems[0]`.
 */
export function foreignArns(system: SystemConfig, root: string): string[] {
  const arns = arnsIn(system, root);
  return PARTS.flatMap((part) => {
    const expected = expectedOf(part, system, root, arns);
    if (expected === undefined) return [];
    return arns
      .filter((arn) => arn[part] !== '' && arn[part] !== expected.value)
      .map(
        (arn) =>
          `${arn.path}: found the ${WORDS[part]} "${arn[part]}", expected "${expected.value}", ${expected.says}`,
      );
  });
}

function expectedOf(
  part: (typeof PARTS)[number],
  { environment }: SystemConfig,
  root: string,
  arns: readonly NamedArn[],
): Expected | undefined {
  if (environment !== undefined) {
    const { region, account } = environment;
    const says = `as ${root}.environment says`;
    if (part !== 'partition') return { value: { region, account }[part], says };
    // CDK may not know the partition of a Region that is newer than this version. Then all ARNs must share one.
    const { partition } = RegionInfo.get(region);
    if (partition !== undefined)
      return { value: partition, says: `that of ${root}.environment.region "${region}"` };
  }
  const first = arns.find((arn) => arn[part] !== '');
  return first === undefined ? undefined : { value: first[part], says: `as in ${first.path}` };
}

/** Every ARN in a value, at any depth, so that new fields are checked too. */
function arnsIn(value: unknown, path: string): NamedArn[] {
  if (typeof value === 'string') {
    const [, partition, region, account] = /^arn:([^:]+):[^:]+:([^:]*):([^:]*):./.exec(value) ?? [];
    return partition === undefined ? [] : [{ path, partition, region: region ?? '', account: account ?? '' }];
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => arnsIn(each, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => arnsIn(each, `${path}.${key}`));
}
