import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  paginateDescribeDBInstances,
} from '@aws-sdk/client-rds';
import { unlessAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';

/** The cluster in the words of RDS, or undefined when there is none. */
export async function findCluster(identifier: string): Promise<DBCluster | undefined> {
  const answer = await unlessAwsError(['DBClusterNotFoundFault'], () =>
    rds().send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier })),
  );
  return answer?.DBClusters?.[0];
}

export async function membersOf(cluster: string): Promise<DBInstance[]> {
  const members: DBInstance[] = [];
  for await (const page of paginateDescribeDBInstances(
    { client: rds() },
    { Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] },
  )) {
    members.push(...(page.DBInstances ?? []));
  }
  return members;
}
