import type {
  DescribeBlueGreenDeploymentsCommandInput,
  DescribeGlobalClustersCommandInput,
} from '@aws-sdk/client-rds';
import type { DatabaseWorld } from '../../../world/database/world.ts';
import type { Operation, ServiceOperations } from '../../operation.ts';
import { requireFilters } from './checks.ts';

/** What a database may be part of. The sandbox's account has no blue/green deployment and no global database. */
export function deploymentOperations(world: DatabaseWorld): ServiceOperations {
  const blueGreen: Operation<DescribeBlueGreenDeploymentsCommandInput, unknown> = {
    resources: (input) => [world.arn('deployment', input.BlueGreenDeploymentIdentifier ?? '*')],
    run: ({ Filters }) => {
      requireFilters(
        Filters,
        'blue-green-deployment-identifier',
        'blue-green-deployment-name',
        'source',
        'target',
      );
      return { BlueGreenDeployments: [] };
    },
  };
  const global: Operation<DescribeGlobalClustersCommandInput, unknown> = {
    // A global database belongs to no Region.
    resources: (input) => [
      world
        .arn('global-cluster', input.GlobalClusterIdentifier ?? '*')
        .replace(/^(arn:[^:]+:rds):[^:]+:/, '$1::'),
    ],
    run: ({ Filters }) => {
      requireFilters(Filters, 'db-cluster-id');
      return { GlobalClusters: [] };
    },
  };
  return { DescribeBlueGreenDeployments: blueGreen, DescribeGlobalClusters: global };
}
