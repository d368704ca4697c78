import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/shared/contract/config.ts';
import { systems } from '../../systems.ts';
import { rehearseScenario, type Scenario } from '../support/rehearsals.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
/** The example of `systems.ts` with its database in an Aurora cluster. */
const aurora: SystemConfigInput = {
  ...example,
  database: { ...example.database, kind: 'cluster', testInstance: { instanceClass: 'db.r7g.large' } },
};

const folders: string[] = [];
async function run(scenario: Scenario = {}) {
  const rehearsal = await rehearseScenario({ ...scenario, systems: [aurora] });
  folders.push(rehearsal.out);
  return rehearsal;
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

interface Call {
  operation: string;
  outcome: string;
  parameters: Record<string, unknown>;
}
const calls = (out: string): Call[] =>
  readFileSync(join(out, 'calls.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
/** What was asked of RDS, in order, without what only looks; once where it was asked more often. */
const changes = (out: string): string[] => [
  ...new Set(
    calls(out)
      .map(({ operation }) => operation)
      .filter((operation) => /^(Create|Restore|Delete|Stop|Start)DB/.test(operation)),
  ),
];

describe('a shutdown of a system with an Aurora cluster', { timeout: 120_000 }, () => {
  it('ends with the cluster stopped, after its snapshot was proved on a copy that is gone', async () => {
    const { record, broken, exitCode, out } = await run();

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.outcome).toBe('succeeded');
    expect(record.resources).toMatchObject({ database: 'stopped', testInstances: [], locks: [] });
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100_000 });
    expect(changes(out)).toEqual([
      'CreateDBClusterSnapshot',
      'RestoreDBClusterFromSnapshot',
      'CreateDBInstance',
      'DeleteDBInstance',
      'DeleteDBCluster',
      'StopDBCluster',
    ]);
    expect(calls(out).filter((call) => call.outcome.includes('AccessDenied'))).toEqual([]);
    const parameters = (operation: string) =>
      calls(out).find((call) => call.operation === operation)?.parameters;
    const copy = String(parameters('RestoreDBClusterFromSnapshot')?.['DBClusterIdentifier']);
    expect(copy).toMatch(/^lights-out-crm-/);
    expect(parameters('RestoreDBClusterFromSnapshot')).toMatchObject({
      Engine: 'aurora-postgresql',
      DBClusterParameterGroupName: 'crm-aurora-postgresql18',
      StorageType: 'aurora-iopt1',
    });
    expect(parameters('CreateDBInstance')).toMatchObject({
      DBInstanceIdentifier: `${copy}-writer`,
      DBInstanceClass: 'db.r7g.large',
      PubliclyAccessible: false,
    });
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Completely off');
  });

  it('rolls back, and leaves nothing of the copy, when one cell of it differs', async () => {
    const { record, broken, exitCode, out } = await run({ faults: [{ world: 'corrupt-restore' }] });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('VerificationMismatch');
    expect(record.resources).toMatchObject({ database: 'available', testInstances: [], locks: [] });
    expect(changes(out)).not.toContain('StopDBCluster');
  });

  it.each(['snapshot-fails', 'restore-fails'])('rolls back when %s', async (world) => {
    const { record, broken, exitCode } = await run({ faults: [{ world }] });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.resources).toMatchObject({ database: 'available', testInstances: [], locks: [] });
  });

  it('survives lost answers and killed functions at every change it makes', async () => {
    const { record, broken, exitCode } = await run({
      faults: [
        { service: 'rds', operation: 'CreateDBClusterSnapshot', kind: 'drop-after' },
        { service: 'rds', operation: 'RestoreDBClusterFromSnapshot', kind: 'kill-function' },
        { service: 'rds', operation: 'CreateDBInstance', kind: 'drop-after' },
        { service: 'rds', operation: 'DeleteDBInstance', kind: 'kill-function' },
        { service: 'rds', operation: 'DeleteDBCluster', kind: 'drop-after' },
        { service: 'rds', operation: 'StopDBCluster', kind: 'drop-after' },
        { world: 'started-by-someone-else' },
      ],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
    });
    expect(record.unusedFaults).toEqual([]);
    expect(record.resources).toMatchObject({ database: 'stopped', testInstances: [] });
  });
});
