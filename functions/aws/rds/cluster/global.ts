import { type DBCluster, DescribeGlobalClustersCommand } from '@aws-sdk/client-rds';
import { messageOf } from '../../../contract/errors.ts';
import { isAwsError } from '../../../runtime/aws-errors.ts';
import { rds } from '../../../runtime/clients.ts';

/** The Aurora global database of a cluster, if any. */
export async function globalDatabaseOf(cluster: DBCluster): Promise<string | undefined> {
  if (cluster.GlobalClusterIdentifier !== undefined) return cluster.GlobalClusterIdentifier;
  if (cluster.DBClusterArn === undefined) return undefined;
  try {
    const answer = await rds().send(
      new DescribeGlobalClustersCommand({
        Filters: [{ Name: 'db-cluster-id', Values: [cluster.DBClusterArn] }],
      }),
    );
    return answer.GlobalClusters?.[0]?.GlobalClusterIdentifier;
  } catch (error) {
    // A Region without global databases answers: "Access Denied to API Version: APIGlobalDatabases".
    if (isAwsError(error, 'InvalidParameterValue') && messageOf(error).includes('APIGlobalDatabases'))
      return undefined;
    throw error;
  }
}
