import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { findCluster, membersOf } from '../../functions/aws/rds/cluster/find.ts';
import { SERVERLESS_CLASS, writerOf } from '../../functions/aws/rds/cluster/stoppable.ts';
import { writerName } from '../../functions/aws/rds/cluster/writer-name.ts';
import { findInstance } from '../../functions/aws/rds/instance/find.ts';
import { instancePart, progressOfInstance } from '../../functions/aws/rds/instance/part.ts';
import { CLUSTER_ON_THE_WAY } from '../../functions/aws/rds/status.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { defined } from '../../functions/contract/defined.ts';
import { unlessAwsError } from '../../functions/runtime/aws-errors.ts';
import { rds } from '../../functions/runtime/clients.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';
import type { Beside, RestoredDatabase, RestoringKind } from './beside.ts';
import { likeCluster, likeWriter } from './cluster-request.ts';
import { placeholders } from './given.ts';
import { asFarAsKnown, requireGiven } from './gone.ts';

const ALREADY_THERE = [
  'DBClusterAlreadyExistsFault',
  'DBInstanceAlreadyExistsFault',
  'DBInstanceAlreadyExists',
];

/**
 * The cluster holds the data, and one instance, its writer, serves them. RDS makes the writer once the cluster is available
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html).
 */
export function restoringCluster(config: SystemConfig): RestoringKind {
  const { identifier: source } = config.database;
  return {
    async find(identifier) {
      const [cluster, writer] = await Promise.all([
        findCluster(identifier),
        findInstance(writerName(identifier)),
      ]);
      return cluster === undefined && writer === undefined ? undefined : found(cluster, writer);
    },
    async request(beside) {
      const { cluster, writer } = await sourceOf(config, beside);
      const restored = await findCluster(beside.identifier);
      // Asked for by an earlier call whose answer was lost, or not listed yet.
      await unlessAwsError(ALREADY_THERE, async () => {
        if (restored === undefined)
          await rds().send(new RestoreDBClusterFromSnapshotCommand(likeCluster(cluster, beside)));
        else if (restored.Status === 'available')
          await rds().send(new CreateDBInstanceCommand(likeWriter(cluster, writer, beside)));
      });
    },
    renaming: ({ identifier }) => [
      `aws rds modify-db-cluster --db-cluster-identifier ${source} --new-db-cluster-identifier ${source}-old --apply-immediately`,
      `aws rds modify-db-cluster --db-cluster-identifier ${identifier} --new-db-cluster-identifier ${source} --apply-immediately`,
    ],
  };
}

function found(cluster: DBCluster | undefined, writer: DBInstance | undefined): RestoredDatabase {
  const { DBClusterArn: arn = '', TagList: tags = [], Endpoint: address, Port: port } = cluster ?? {};
  const status = cluster?.Status ?? 'creating';
  const ofWriter = writer === undefined ? undefined : instancePart(writer);
  return {
    arn,
    parts: [
      ...(cluster === undefined ? [] : [{ arn, status, tags }]),
      ...(ofWriter === undefined ? [] : [{ ...ofWriter, arn: writer?.DBInstanceArn ?? '' }]),
    ],
    ...defined({ address, port }),
    ...progressOf(cluster, ofWriter?.status),
  };
}

function progressOf(
  cluster: DBCluster | undefined,
  writer: string | undefined,
): Pick<RestoredDatabase, 'status' | 'progress'> {
  const status = cluster?.Status ?? 'creating';
  if (status !== 'available')
    return { status, progress: CLUSTER_ON_THE_WAY.has(status) ? 'on the way' : 'ended' };
  if (writer === undefined) return { status, progress: 'further' };
  const hasEndpoint = cluster?.Endpoint !== undefined && cluster.Port !== undefined;
  return { status: writer, progress: progressOfInstance(writer, hasEndpoint) };
}

/**
 * The source and its writer, or what is known of them.
 *
 * @throws BadInputError when it is not known how the restored one is to be.
 */
async function sourceOf(
  config: SystemConfig,
  beside: Beside,
): Promise<{ cluster: DBCluster; writer: DBInstance }> {
  const { identifier } = config.database;
  const { given, snapshot } = beside;
  const cluster = await findCluster(identifier);
  if (cluster === undefined) requireGiven(identifier, 'DB cluster', given, byHand(beside));
  const known = cluster ?? { ...asFarAsKnown(config), ...defined({ Engine: snapshot.engine }) };
  const writer = cluster === undefined ? {} : writerOf(cluster, await membersOf(identifier));
  const instanceClass = given.instanceClass ?? writer?.DBInstanceClass;
  if (instanceClass === undefined)
    throw new BadInputError(
      `database ${identifier}: RDS names none of its instances as the writer, so the class of the restored one is not known; expected a cluster with a writer, running or stopped, or --instance-class CLASS`,
    );
  if (instanceClass === SERVERLESS_CLASS && known.ServerlessV2ScalingConfiguration === undefined)
    throw new BadInputError(
      `database ${identifier}: no capacity range is known that a ${SERVERLESS_CLASS} writer could take over; expected a provisioned class, e.g. --instance-class db.r7g.large`,
    );
  return { cluster: known, writer: { ...writer, DBInstanceClass: instanceClass } };
}

function byHand({ identifier, snapshot, given }: Beside): string {
  const { instanceClass, subnetGroup, securityGroups } = placeholders(given);
  const engine = snapshot.engine ?? 'ENGINE';
  return (
    `aws rds restore-db-cluster-from-snapshot --db-cluster-identifier ${identifier} --snapshot-identifier ${snapshot.identifier} --engine ${engine} --engine-version ${snapshot.engineVersion ?? 'VERSION'} --db-subnet-group-name ${subnetGroup} --vpc-security-group-ids ${securityGroups} --db-cluster-parameter-group-name GROUP, ` +
    `then, once it is available, aws rds create-db-instance --db-instance-identifier ${writerName(identifier)} --db-cluster-identifier ${identifier} --engine ${engine} --db-instance-class ${instanceClass} --no-publicly-accessible`
  );
}
