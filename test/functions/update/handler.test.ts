import {
  DescribeDBInstancesCommand,
  DescribePendingMaintenanceActionsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler, type UpdateEvent } from '../../../functions/update/handler.ts';
import { execution, plan, runContext, system } from '../fixtures.ts';

const rds = mockClient(RDSClient);
const ssm = mockClient(SSMClient);
const update = (policy: 'report' | 'install') =>
  handler({
    action: 'install',
    execution,
    state: { run: runContext(), config: system({ updates: policy }), plan: plan() },
  } as unknown as UpdateEvent);

beforeEach(() => {
  for (const client of [rds, ssm]) {
    client.reset();
    client.rejects(new Error('unexpected call'));
  }
});

describe('update install', () => {
  it('installs nothing unless the policy says so', async () => {
    expect(await update('report')).toMatchObject({ done: true, installed: [] });
    expect([...rds.calls(), ...ssm.calls()]).toEqual([]);
  });

  it('sends no command to a server that misses nothing', async () => {
    rds.on(DescribePendingMaintenanceActionsCommand).resolves({ PendingMaintenanceActions: [] });
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });

    await update('install');

    expect(ssm.calls()).toEqual([]);
  });
});
