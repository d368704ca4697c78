import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { type RehearsedCall, rehearseScenario, type Scenario } from '../support/rehearsals.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
/** The example of `systems.ts` with its database in an Aurora cluster. */
const aurora: SystemConfigInput = {
  ...example,
  database: { ...example.database, kind: 'cluster', testInstance: { instanceClass: 'db.r7g.large' } },
};

const run = (scenario: Scenario = {}) => rehearseScenario({ ...scenario, systems: [aurora] });

/** The backup and its proof on a copy that is deleted. */
const PROOF = [
  'CreateDBClusterSnapshot',
  'RestoreDBClusterFromSnapshot',
  'CreateDBInstance',
  'DeleteDBInstance',
  'DeleteDBCluster',
];

/** What was asked of RDS, in order, without what only looks; once where it was asked more often. */
const changesOf = (calls: RehearsedCall[]): string[] => [
  ...new Set(
    calls
      .map(({ operation }) => operation)
      .filter((operation) => /^(Create|Restore|Delete|Stop|Start)DB/.test(operation)),
  ),
];

describe('a shutdown of a system with an Aurora cluster', { timeout: 120_000 }, () => {
  it('is backed up while it runs, by a snapshot and a copy of the cluster', async () => {
    const { record, broken, calls } = await run({ input: { onlyProve: true } });

    expect({ broken, error: record.error, outcome: record.outcome }).toEqual({
      broken: [],
      error: undefined,
      outcome: 'proved',
    });
    expect(changesOf(calls())).toEqual(PROOF);
  });

  it('ends with the cluster stopped, after its snapshot was proved on a copy that is gone', async () => {
    const { record, broken, exitCode, out, calls } = await run({ real: true });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.outcome).toBe('succeeded');
    expect(record.resources).toMatchObject({ database: 'stopped', testInstances: [], locks: [] });
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100 });
    expect(changesOf(calls())).toEqual([...PROOF, 'StopDBCluster']);
    expect(calls().filter((call) => call.outcome.includes('AccessDenied'))).toEqual([]);
    const parameters = (operation: string) =>
      calls().find((call) => call.operation === operation)?.parameters;
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
    const { record, broken, exitCode, calls } = await run({ faults: [{ world: 'corrupt-restore' }] });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('VerificationMismatch');
    expect(record.resources).toMatchObject({ database: 'available', testInstances: [], locks: [] });
    expect(changesOf(calls())).not.toContain('StopDBCluster');
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
