import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import type { StartupPlan } from '../../../functions/contract/startup-state.ts';
import { startupResources } from '../../../functions/report/startup/resources.ts';
import { AwsWorld } from '../aws-world.ts';
import { askedInstances, system } from '../fixtures.ts';

const wake = (changes: Partial<StartupPlan>): StartupPlan => ({
  shutdown: { run: '20261127-1330-c02f2ce2', verified: true },
  database: 'available',
  servers: [],
  services: [],
  confirm: { policy: 'none', why: 'it was done' },
  warnings: [],
  reasons: [],
  ...changes,
});

test.each([
  ['is on while nothing was opened', wake({}), ['on']],
  [
    'is nothing that a run which found the system open could tell',
    wake({ alreadyOn: { seenAt: '2026-11-30T06:00:00Z' } }),
    [],
  ],
])('maintenance mode %s', async (_what, plan, expected) => {
  const world = new AwsWorld();
  world.rds
    .on(DescribeDBInstancesCommand)
    .resolves({ DBInstances: [{ DBInstanceIdentifier: 'crm-db', DBInstanceStatus: 'available' }] });
  world.ec2.on(DescribeInstancesCommand).callsFake((input) => ({
    Reservations: [
      { Instances: askedInstances(input).map((id) => ({ InstanceId: id, State: { Name: 'running' } })) },
    ],
  }));

  const resources = await startupResources(
    system({ maintenance: { servers: ['web-1'], flagFile: '/var/lib/crm/maintenance.flag' } }),
    { wake: plan },
  );

  expect(resources.filter(({ kind }) => kind === 'maintenance').map(({ state }) => state)).toEqual(expected);
});
