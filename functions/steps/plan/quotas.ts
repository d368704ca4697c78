import { type AccountQuota, DescribeAccountAttributesCommand } from '@aws-sdk/client-rds';
import type { DatabaseKind } from '../../aws/rds/kind.ts';
import type { Reason } from '../../contract/plan-state.ts';
import { rds } from '../../runtime/clients.ts';

/**
 * One more manual snapshot must fit. If the backup is verified, one more copy with the source's storage must fit too.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AccountQuota.html
 */
export async function quotaReasons(
  { snapshots, copies, storage }: DatabaseKind['quotas'],
  copy: boolean,
  storageGib: number,
): Promise<Reason[]> {
  const answer = await rds().send(new DescribeAccountAttributesCommand({}));
  const reason = (
    name: string,
    quota: string,
    needed: number,
    consequence: string,
    unused: string,
  ): Reason[] => {
    const found = full(answer.AccountQuotas, quota, needed);
    if (found === undefined) return [];
    return [
      {
        resource: `RDS quota of ${name}`,
        problem: `${found}, so ${consequence}`,
        remedy: `delete ${unused} or ask for a higher quota`,
      },
    ];
  };
  return [
    ...reason('manual snapshots', snapshots, 1, 'no snapshot can be taken', 'old snapshots'),
    ...(copy ? copies : []).flatMap(({ name, quota }) =>
      reason(name, quota, 1, 'there is no room for the test instance', `unused ${name}`),
    ),
    ...(copy && storage
      ? reason(
          'storage (GiB)',
          'AllocatedStorage',
          storageGib,
          `there is no room for the test instance's ${storageGib} GiB`,
          'unused instances',
        )
      : []),
  ];
}

function full(quotas: AccountQuota[] | undefined, name: string, needed: number): string | undefined {
  const quota = quotas?.find((entry) => entry.AccountQuotaName === name);
  if (quota?.Max === undefined || quota.Used === undefined || quota.Used + needed <= quota.Max)
    return undefined;
  return `${quota.Used} of ${quota.Max} are used`;
}
