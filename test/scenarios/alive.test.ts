import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

/** What a first real deployment meets: a Windows server with a named instance of SQL Server, names as people give them, RDS's own secret, a second person. */
const REAL: SystemConfigInput = {
  ...example,
  database: {
    ...example.database,
    credentialsSecretArn:
      'arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-a1b2c3',
  },
  servers: example.servers.map((server) =>
    server.name === 'app-1' ? { ...server, platform: 'windows' } : server,
  ),
  services: [
    { name: 'crm-mail-intake@blue.service', server: 'worker-1', tier: 1 },
    { name: 'srv-data\\x2dsync', server: 'worker-1', tier: 1 },
    { name: 'Contoso Mail Gateway', server: 'app-1', tier: 1 },
    { name: 'MSCRMAsyncService$maintenance', server: 'app-1', tier: 2 },
    { name: '客户管理', server: 'app-1', tier: 2 },
    { name: 'SQLAgent$CRM', server: 'app-1', tier: 3 },
    { name: 'MSSQL$CRM', server: 'app-1', tier: 4 },
    { name: 'nginx.service', server: 'web-1', tier: 4 },
  ],
  maintenance: { servers: ['web-1'], flagFile: "/var/lib/crm/维护 mode/it's $off.flag" },
  files: { backup: 'none' },
  approval: {
    approvers: [{ address: 'head-of-operations@example.com' }],
    principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
  },
};

describe('a system as it is found', { timeout: 240_000 }, () => {
  it('is shut down, its services named as its platforms name them, its backup proved', async () => {
    const { record, broken, exitCode, evidence } = await rehearseScenario({ systems: [REAL], real: true });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.verification).toMatchObject({ equal: true });
    const services = Object.fromEntries((REAL.services ?? []).map(({ name }) => [name, 'inactive']));
    expect(record.resources.services).toEqual(services);
    const before = JSON.parse(evidence('services-before.json')) as { name: string; state: string }[];
    expect(before.map(({ name, state }) => [name, state]).sort()).toEqual(
      Object.keys(services)
        .map((name) => [name, 'active'])
        .sort(),
    );
    expect(JSON.parse(evidence('certificate.json'))).toMatchObject({
      approvedBy: 'arn:aws:sts::123456789012:assumed-role/HeadOfOperations/wang',
    });
  });

  it('is as it was after a roll back', async () => {
    const { record, broken, exitCode } = await rehearseScenario({
      systems: [REAL],
      faults: [{ world: 'corrupt-restore' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
    expect(record.resources.maintenance).toBe(false);
  });
});
