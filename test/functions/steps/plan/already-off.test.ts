import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, it } from 'vitest';
import { lookWhetherOff } from '../../../../functions/steps/plan/already-off.ts';
import { AwsWorld } from '../../aws-world.ts';
import { system } from '../../fixtures.ts';

const RUN = '20261127-1400-1a2b3c4d';
const SNAPSHOT = `lights-out-crm-${RUN}`;
let world: AwsWorld;

function put(key: string, value: object): void {
  world.bucket.put(key, JSON.stringify(value));
}

/** Everything off, by a run that proved its backup; each test changes one thing. */
beforeEach(() => {
  world = new AwsWorld();
  put('intent/crm', {
    wanted: 'off',
    since: '2026-11-27T15:00:00.000Z',
    by: `run ${RUN}`,
    run: { id: RUN, executionArn: 'arn' },
    stoppedAgain: 0,
  });
  certificate({ identifier: SNAPSHOT, confirmed: true, verified: true });
  database('stopped');
  servers('stopped');
  snapshot('available');
});

function certificate(found: object | undefined, policy = 'full'): void {
  put(`runs/crm/${RUN}/certificate.json`, { snapshot: found, verification: { policy } });
}

function database(DBInstanceStatus: string): void {
  world.rds
    .on(DescribeDBInstancesCommand)
    .resolves({ DBInstances: [{ DBInstanceStatus, Engine: 'postgres' }] });
}

function servers(...states: string[]): void {
  world.ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [
      {
        Instances: system().servers.map(({ instanceId }, index) => ({
          InstanceId: instanceId,
          State: { Name: (states[index] ?? states[0]) as 'stopped' },
        })),
      },
    ],
  });
}

function snapshot(Status: string): void {
  world.rds.on(DescribeDBSnapshotsCommand).resolves({
    DBSnapshots: [{ DBSnapshotIdentifier: SNAPSHOT, DBSnapshotArn: 'arn:snapshot', Status }],
  });
}

describe('a system that a run has switched off', () => {
  it('is off already, with what proves it', async () => {
    expect(await lookWhetherOff(system())).toEqual({
      run: RUN,
      since: '2026-11-27T15:00:00.000Z',
      snapshot: SNAPSHOT,
      verified: true,
      seenAt: expect.any(String),
      startedSince: false,
    });
  });

  it('says when that run was told not to verify, and when something was started since', async () => {
    certificate({ identifier: SNAPSHOT, confirmed: true, verified: false }, 'none');
    put('intent/crm', {
      wanted: 'off',
      since: 'then',
      by: 'x',
      run: { id: RUN, executionArn: 'arn' },
      stoppedAgain: 1,
    });

    expect(await lookWhetherOff(system())).toMatchObject({ verified: false, startedSince: true });
  });

  it.each<[string, () => void]>([
    ['the database is on', () => database('available')],
    ['the database is only stopping', () => database('stopping')],
    ['a server is on', () => servers('running')],
    ['a server is only stopping', () => servers('stopping')],
    ['a server is gone', () => servers('terminated')],
    ['the snapshot is gone', () => snapshot('deleting')],
    [
      'the backup was not proved',
      () => certificate({ identifier: SNAPSHOT, confirmed: true, verified: false }),
    ],
    ['there is no certificate', () => world.bucket.objects.delete(`runs/crm/${RUN}/certificate.json`)],
    [
      'it was released',
      () => put('intent/crm', { wanted: 'on', since: 'x', by: 'x', run: { id: RUN }, stoppedAgain: 0 }),
    ],
    ['no run ever said so', () => world.bucket.objects.delete('intent/crm')],
  ])('is not off already when %s', async (_name, change) => {
    change();

    expect(await lookWhetherOff(system())).toBeUndefined();
  });
});
