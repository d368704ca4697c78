import { ResourceTag } from '../../functions/contract/keys.ts';
import type { ResourceNames } from '../resource-names.ts';
import { keyPermissions } from './keys.ts';
import { allow, type Permission } from './permission.ts';
import { deletable, NO_MARK } from './snapshot-marks.ts';

const OWN_RUNS = 'the names of this system’s runs';

const GROUPS_OF_THE_SOURCE =
  'a restore names the subnet, parameter and option group of the source, which only the plan knows';

/** Permissions for the database and its copies, of either kind, one part per action. */
export interface DatabasePermissions {
  /** Find everything out. Reads only. */
  look: Permission[];
  /** Read the database's status. */
  describe: Permission[];
  /** Install its pending maintenance. */
  maintain: Permission[];
  snapshot: Permission[];
  /** Delete a run's snapshot, once newer verified ones supersede it. */
  deleteSnapshot: Permission[];
  /** See a run's snapshot. */
  findSnapshot: Permission[];
  /** Make, see and delete copies of this system's runs only. */
  copy: Permission[];
  describeCopy: Permission[];
  deleteCopy: Permission[];
  stop: Permission[];
  start: Permission[];
}

/** Permissions on exactly this database, its snapshots and its copies. */
export function databasePermissions(names: ResourceNames): DatabasePermissions {
  return names.system.database.kind === 'cluster' ? ofCluster(names) : ofInstance(names);
}

function ofInstance(names: ResourceNames): DatabasePermissions {
  const describe = allow(['rds:DescribeDBInstances'], [names.databaseArn()]);
  const describeCopy = allow(['rds:DescribeDBInstances'], [names.testInstancesArn()], OWN_RUNS);
  return {
    look: [
      describe,
      // For a database that is in fact of the other kind.
      allow(['rds:DescribeDBClusters'], [names.rdsArn('cluster', names.system.database.identifier)]),
      allow(['rds:DescribePendingMaintenanceActions'], [names.databaseArn()]),
      blueGreenDeployments(names),
    ],
    describe: [describe],
    maintain: maintenance(names),
    snapshot: [
      seeSnapshots(names, 'rds:DescribeDBSnapshots'),
      ...makeSnapshots(names, 'rds:CreateDBSnapshot'),
      ...keyPermissions(names).database,
    ],
    findSnapshot: [seeSnapshots(names, 'rds:DescribeDBSnapshots')],
    deleteSnapshot: [retention('rds:DeleteDBSnapshot', names)],
    copy: [
      allow(
        ['rds:RestoreDBInstanceFromDBSnapshot'],
        [names.testInstancesArn(), names.snapshotsArn(), ...groups(names, 'subgrp', 'pg', 'og')],
        GROUPS_OF_THE_SOURCE,
      ),
      tagNew(names.testInstancesArn()),
      ...keyPermissions(names).database,
      describeCopy,
      deletion('rds:DeleteDBInstance', names.testInstancesArn(), names),
    ],
    describeCopy: [describeCopy],
    deleteCopy: [deletion('rds:DeleteDBInstance', names.testInstancesArn(), names)],
    stop: [allow(['rds:StopDBInstance', 'rds:DescribeDBInstances'], [names.databaseArn()])],
    start: [allow(['rds:StartDBInstance', 'rds:DescribeDBInstances'], [names.databaseArn()])],
  };
}

function ofCluster(names: ResourceNames): DatabasePermissions {
  const describe = allow(['rds:DescribeDBClusters'], [names.databaseArn()]);
  const describeCopy = [
    allow(['rds:DescribeDBClusters'], [names.testClustersArn()], OWN_RUNS),
    allow(['rds:DescribeDBInstances'], [names.testInstancesArn()], OWN_RUNS),
  ];
  return {
    look: [
      describe,
      allow(
        ['rds:DescribeDBInstances', 'rds:DescribePendingMaintenanceActions'],
        [names.rdsArn('db', '*')],
        'the members of the cluster, whose names only RDS knows',
      ),
      allow(['rds:DescribePendingMaintenanceActions'], [names.databaseArn()]),
      allow(
        ['rds:DescribeGlobalClusters'],
        [names.globalClustersArn()],
        'the global database that the cluster is part of, asked for by its own ARN',
      ),
      blueGreenDeployments(names),
    ],
    describe: [describe],
    maintain: maintenance(names),
    snapshot: [
      seeSnapshots(names, 'rds:DescribeDBClusterSnapshots'),
      ...makeSnapshots(names, 'rds:CreateDBClusterSnapshot'),
      ...keyPermissions(names).database,
    ],
    findSnapshot: [seeSnapshots(names, 'rds:DescribeDBClusterSnapshots')],
    deleteSnapshot: [retention('rds:DeleteDBClusterSnapshot', names)],
    copy: [
      allow(
        ['rds:RestoreDBClusterFromSnapshot'],
        [names.testClustersArn(), names.snapshotsArn(), ...groups(names, 'subgrp', 'cluster-pg', 'og')],
        GROUPS_OF_THE_SOURCE,
      ),
      allow(
        ['rds:CreateDBInstance'],
        [names.testInstancesArn(), names.testClustersArn(), ...groups(names, 'subgrp', 'pg', 'og')],
        GROUPS_OF_THE_SOURCE,
      ),
      tagNew(names.testClustersArn()),
      tagNew(names.testInstancesArn()),
      ...keyPermissions(names).database,
      ...describeCopy,
      deletion('rds:DeleteDBInstance', names.testInstancesArn(), names),
      ...clusterDeletion(names),
    ],
    describeCopy,
    deleteCopy: [
      deletion('rds:DeleteDBInstance', names.testInstancesArn(), names),
      ...clusterDeletion(names),
    ],
    stop: [allow(['rds:StopDBCluster', 'rds:DescribeDBClusters'], [names.databaseArn()])],
    start: [allow(['rds:StartDBCluster', 'rds:DescribeDBClusters'], [names.databaseArn()])],
  };
}

function blueGreenDeployments(names: ResourceNames): Permission {
  return allow(
    ['rds:DescribeBlueGreenDeployments'],
    [names.rdsArn('deployment', '*')],
    'the blue/green deployments that the database is part of, asked for by its own ARN',
  );
}

function maintenance(names: ResourceNames): Permission[] {
  return [
    allow(
      ['rds:DescribePendingMaintenanceActions', 'rds:ApplyPendingMaintenanceAction'],
      [names.databaseArn()],
    ),
  ];
}

function makeSnapshots(names: ResourceNames, action: string): Permission[] {
  return [
    allow([action], [names.databaseArn(), names.snapshotsArn()], OWN_RUNS),
    tagNew(names.snapshotsArn()),
  ];
}

function seeSnapshots(names: ResourceNames, action: string): Permission {
  return allow([action], [names.databaseArn(), names.snapshotsArn()], OWN_RUNS);
}

function groups(names: ResourceNames, ...types: string[]): string[] {
  return types.map((type) => names.rdsArn(type, '*'));
}

function tagNew(resource: string): Permission {
  return allow(['rds:AddTagsToResource'], [resource], OWN_RUNS, NO_MARK);
}

/**
 * AWS's table requires the final snapshot beside the cluster
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html). Lights Out asks for no final snapshot, so there
 * are no tags to check: by name alone.
 */
function clusterDeletion(names: ResourceNames): Permission[] {
  return [
    deletion('rds:DeleteDBCluster', names.testClustersArn(), names),
    allow(['rds:DeleteDBCluster'], [names.snapshotsArn()], OWN_RUNS),
  ];
}

function retention(action: string, names: ResourceNames): Permission {
  return allow(
    [action],
    [names.snapshotsArn()],
    `${OWN_RUNS}, with the tags of this system and of a verified run that newer ones have superseded`,
    deletable(names.system.name),
  );
}

/** By name and by tag: a copy or a snapshot of this system, and no other resource with such a name. */
function deletion(action: string, resource: string, names: ResourceNames): Permission {
  return allow([action], [resource], `${OWN_RUNS}, and the tag of this system`, {
    StringEquals: { [`aws:ResourceTag/${ResourceTag.System}`]: names.system.name },
  });
}
