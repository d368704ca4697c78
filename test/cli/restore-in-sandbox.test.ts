import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { restoreCommand } from '../../cli/restore.ts';
import { OPERATOR_KEY } from '../../sandbox/rehearsal/machinery.ts';
import type { Sandbox } from '../../sandbox/rehearsal/sandbox.ts';
import { FEW_ROWS } from '../../sandbox/world/database/crm.ts';
import type { Instance } from '../../sandbox/world/database/instance.ts';
import { standing } from '../sandbox/sweep/standing.ts';

const stage = standing();

/** Types the command as a person who may do everything. Simulated time stands still until RDS has taken the request. */
async function typeRestore({ url, clock }: Sandbox): Promise<number> {
  vi.stubEnv('AWS_ENDPOINT_URL', url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', OPERATOR_KEY);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sandbox');
  const release = clock.work();
  try {
    return await restoreCommand(['--system', 'crm'], async () => {
      release();
      await setTimeout(50);
    });
  } finally {
    release();
    vi.unstubAllEnvs();
  }
}

/** The rows of the CRM's largest table, as a person counts them who signs in. */
async function countActivities({ server }: Instance, { databases }: Sandbox): Promise<string> {
  const session = await server.signIn(databases.databases[0] ?? '', 'psql');
  try {
    return JSON.stringify(await session.query('SELECT count(*)::int AS activities FROM activities'));
  } finally {
    await session.end();
  }
}

it('restores the snapshot of a shutdown with its data, and the sweeper leaves it and the source alone', {
  timeout: 180_000,
}, async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(console, 'error').mockReturnValue();
  let typed: Promise<number> | undefined;

  const found = await stage.world.run(
    {
      out: join(stage.out, 'run'),
      faults: [],
      input: {},
      real: { rows: FEW_ROWS },
      // Hours in which everything that looks for leftovers every hour finds it.
      after: (_ended, sandbox) => {
        typed = typeRestore(sandbox);
        return [{ hours: 5 }];
      },
    },
    async ({ record }, sandbox) => {
      const code = await typed;
      const { instances } = sandbox.databases;
      const restored = instances.get(`crm-db-restored-${record.runId}`);
      const source = instances.get('crm-db');
      return {
        code,
        source: source?.status,
        restored: restored?.status,
        tags: restored?.tags,
        snapshot: `lights-out-crm-${record.runId}`,
        network: [restored, source].map((each) => [each?.subnetGroup, each?.securityGroups]),
        data: restored === undefined ? '' : await countActivities(restored, sandbox),
      };
    },
  );

  expect(found).toMatchObject({ code: 0, source: 'stopped', restored: 'available' });
  expect(found.tags).toEqual([{ Key: 'lights-out:restored-from', Value: found.snapshot }]);
  expect(found.network[0]).toEqual(found.network[1]);
  expect(found.data).toContain(`"activities":${FEW_ROWS.activities}`);

  const calls = readFileSync(join(stage.out, 'run', 'calls.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { function: string; operation: string; resources: string[] });
  const ofOperator = calls.filter((call) => call.function === 'operator' && /DB/.test(call.operation));
  expect(new Set(ofOperator.map(({ operation }) => operation))).toEqual(
    new Set(['DescribeDBSnapshots', 'DescribeDBInstances', 'RestoreDBInstanceFromDBSnapshot']),
  );
  const since = calls.slice(calls.findLastIndex(({ operation }) => operation.startsWith('Restore')));
  expect(since.filter((call) => call.function === 'tidy').length).toBeGreaterThan(0);
  const about = since.filter(({ resources }) => resources.some((arn) => arn.includes('-restored-')));
  expect(new Set(about.map((call) => call.function))).toEqual(new Set(['operator']));
});
