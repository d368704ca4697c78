import { type DBInstance, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { unlessAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';

/** The instance in the words of RDS, or undefined when there is none. */
export async function findInstance(identifier: string): Promise<DBInstance | undefined> {
  const answer = await unlessAwsError(['DBInstanceNotFoundFault', 'DBInstanceNotFound'], () =>
    rds().send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier })),
  );
  return answer?.DBInstances?.[0];
}
