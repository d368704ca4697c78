import { type DBInstance, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { isAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';

/** The instance in the words of RDS, or undefined when there is none. */
export async function findInstance(identifier: string): Promise<DBInstance | undefined> {
  try {
    const answer = await rds().send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
    return answer.DBInstances?.[0];
  } catch (error) {
    if (isAwsError(error, 'DBInstanceNotFoundFault', 'DBInstanceNotFound')) return undefined;
    throw error;
  }
}
