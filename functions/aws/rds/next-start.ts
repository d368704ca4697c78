import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';

/**
 * Status of a parameter group with changes that only a restart applies:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
 */
const WAITS = 'pending-reboot';

const parameters = (group: string | undefined): string =>
  `parameter group ${group ?? 'unnamed'} has changes that wait for a restart (${WAITS}): the next start brings them; reboot the database beforehand if they are to be tried while people are there`;

/** Changes that the next start of the DB instance brings, and that nobody may have asked for. */
export function changesAtTheNextStart(instance: DBInstance): string[] {
  const groups = (instance.DBParameterGroups ?? []).filter(
    ({ ParameterApplyStatus }) => ParameterApplyStatus === WAITS,
  );
  return [
    ...groups.map(({ DBParameterGroupName }) => parameters(DBParameterGroupName)),
    // The endpoint's name stays:
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
    ...(instance.PubliclyAccessible === true
      ? [
          'it is publicly accessible, and its public address may be another one after the next start; use the name of its endpoint, never the address',
        ]
      : []),
  ];
}

/** The same for a DB cluster's own parameter group, whose status stands at each member. */
export function clusterChangesAtTheNextStart(cluster: DBCluster): string[] {
  const waits = (cluster.DBClusterMembers ?? []).some(
    ({ DBClusterParameterGroupStatus }) => DBClusterParameterGroupStatus === WAITS,
  );
  return waits ? [parameters(cluster.DBClusterParameterGroup)] : [];
}
