import { DescribeOrderableDBInstanceOptionsCommand } from '@aws-sdk/client-rds';
import type { Finding } from '../../aws/rds/kind.ts';
import type { PlannedDatabase } from '../../contract/plan-state.ts';
import { rds } from '../../runtime/clients.ts';

/** The placeholder for a class that the look did not find out; its own reason says so. */
const UNKNOWN = 'unknown';

/**
 * Can RDS make a copy of the required class in this Region, for this engine and version? The plan asks before anything is switched off, so
 * that the restore does not fail in the night.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
 */
export async function notOrderable(
  { engine, engineVersion, instanceClass }: PlannedDatabase,
  configured: string | undefined,
): Promise<Finding[]> {
  const wanted = configured ?? instanceClass;
  if ([wanted, engine, engineVersion].includes(UNKNOWN)) return [];
  const answer = await rds().send(
    new DescribeOrderableDBInstanceOptionsCommand({
      Engine: engine,
      EngineVersion: engineVersion,
      DBInstanceClass: wanted,
      Vpc: true,
    }),
  );
  if ((answer.OrderableDBInstanceOptions ?? []).length > 0) return [];
  return [
    {
      problem: `RDS offers no ${wanted} for ${engine} ${engineVersion} in this Region, so the test instance could not be made`,
      remedy:
        configured === undefined
          ? 'set database.testInstance.instanceClass to a class that is offered (aws rds describe-orderable-db-instance-options)'
          : 'correct database.testInstance.instanceClass (aws rds describe-orderable-db-instance-options lists what is offered)',
    },
  ];
}
