import { DeleteSnapshotCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import {
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { awsError, tagsOf } from '../../fixtures.ts';
import { World } from './world.ts';

export const NOW = '2026-12-31T12:00:00.000Z';

/** Run id of a run of that day. */
export const id = (day: string): string => `${day}-2200-aaaaaaaa`;
/** What a run calls its snapshot and its test instance. */
export const named = (runId: string): string => `lights-out-crm-${runId}`;
const ownTags = (name: string) => tagsOf(name.slice(named('').length));
/** What the closing of a verified run sets on what the retention may delete. */
export const SUPERSEDED = [
  { Key: 'lights-out:verified', Value: 'yes' },
  { Key: 'lights-out:superseded', Value: 'yes' },
];

/** Runs that were stopped by hand four hours ago, and what RDS still has of them. */
export class DatabaseWorld extends World {
  /** Snapshots as RDS has them, by name. Default: available, of the system's database, superseded, with the tags of their run. */
  readonly snapshots: Record<string, { Status?: string; source?: string; tags?: object[] }> = {};
  /** Test instances as RDS has them, by name. Default: with the tags of their run. */
  readonly copies: Record<string, { DBInstanceStatus: string; tags?: object[] }> = {};

  constructor() {
    super();
    this.rds.on(DescribeDBSnapshotsCommand).callsFake(({ DBSnapshotIdentifier: name }) => {
      const snapshot = this.snapshots[name];
      if (snapshot === undefined) throw awsError('DBSnapshotNotFoundFault', 404);
      return {
        DBSnapshots: [
          {
            DBSnapshotIdentifier: name,
            DBInstanceIdentifier: snapshot.source ?? 'crm-db',
            Status: snapshot.Status ?? 'available',
            TagList: snapshot.tags ?? [...ownTags(name), ...SUPERSEDED],
          },
        ],
      };
    });
    this.rds.on(DeleteDBSnapshotCommand).callsFake(({ DBSnapshotIdentifier: name }) => {
      delete this.snapshots[name];
      return {};
    });
    this.rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: name }) => {
      const copy = this.copies[name];
      if (copy === undefined) throw awsError('DBInstanceNotFoundFault', 404);
      return {
        DBInstances: [
          {
            DBInstanceIdentifier: name,
            DBInstanceStatus: copy.DBInstanceStatus,
            TagList: copy.tags ?? ownTags(name),
          },
        ],
      };
    });
    this.rds.on(DeleteDBInstanceCommand).resolves({});
    this.ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [] });
    this.ec2.on(DeleteSnapshotCommand).resolves({});
    this.executionsAre({ status: 'ABORTED', stopDate: new Date('2026-12-31T08:00:00.000Z') });
  }

  /** A run of that day with a snapshot, and what its certificate says of it; undefined: it has none. @returns its id. */
  run(day: string, verified: boolean | undefined, { onlyProve = false } = {}): string {
    const runId = id(day);
    this.bucket.put(`runs/crm/${runId}/plan.json`, { run: { executionArn: `arn:${runId}` } });
    if (verified !== undefined)
      this.bucket.put(`runs/crm/${runId}/certificate.json`, {
        run: onlyProve ? { onlyProve } : {},
        snapshot: { identifier: named(runId), confirmed: true, verified },
        verification: { policy: 'full' },
      });
    this.snapshots[named(runId)] = {};
    return runId;
  }

  /** Snapshots that RDS was asked to delete. */
  get deletedSnapshots(): unknown[] {
    return this.rds
      .commandCalls(DeleteDBSnapshotCommand)
      .map((call) => call.args[0].input.DBSnapshotIdentifier);
  }

  /** Test instances that RDS was asked to delete. */
  get deletedInstances(): unknown[] {
    return this.rds
      .commandCalls(DeleteDBInstanceCommand)
      .map((call) => call.args[0].input.DBInstanceIdentifier);
  }
}
