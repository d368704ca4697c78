import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import type { LiveComparison } from '../../functions/databases/live-comparison.ts';
import { systems } from '../../systems.ts';
import { hasMariadb } from '../support/mariadb-server.ts';
import { EVERYTHING_ON, rehearseScenario, type Scenario } from '../support/rehearsals.ts';

const run = (scenario: Omit<Scenario, 'systems'> = {}) =>
  rehearseScenario({ systems: [shop()], ...scenario });

/** The example of `systems.ts` with a database of MariaDB. */
function shop(): SystemConfigInput {
  const [example] = systems;
  if (example === undefined) throw new Error('systems.ts holds no example');
  return {
    ...example,
    name: 'shop',
    database: { ...example.database, identifier: 'shop-db', engine: 'mariadb' },
  };
}

describe.runIf(hasMariadb)('a system on MariaDB', { timeout: 180_000 }, () => {
  it('is shut down, its backup proved', async () => {
    const { record, broken, exitCode, out } = await run({ rows: 100_000 });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.outcome).toBe('succeeded');
    expect(record.resources.database).toBe('stopped');
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100_000, differences: [] });
    const calls = readFileSync(join(out, 'calls.jsonl'), 'utf8');
    expect(calls).toContain('"DBParameterGroupName":"crm-mariadb');
    expect(calls).not.toContain('AccessDenied');
  });

  it('is backed up while it runs: what was written before and after the snapshot is named', async () => {
    const { record, broken, evidence } = await run({
      input: { onlyProve: true },
      faults: [
        { world: 'stray-write' },
        { world: 'late-write', at: 'Restore test instance (running system)' },
      ],
    });

    expect({ broken, error: record.error, outcome: record.outcome }).toEqual({
      broken: [],
      error: undefined,
      outcome: 'proved',
    });
    const { live } = JSON.parse(evidence('verification.json')) as { live: LiveComparison };
    expect(live.written.length).toBeGreaterThan(0);
  });

  it('is on again when one cell of the copy differs, and the table is named', async () => {
    const { record, broken, exitCode } = await run({ faults: [{ world: 'corrupt-restore' }] });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('VerificationMismatch');
    expect(record.verification?.differences).toEqual([
      expect.objectContaining({ object: 'crm: `activities`', kind: 'content' }),
    ]);
    expect(record.resources).toMatchObject(EVERYTHING_ON);
  });

  it('is on again when somebody writes in between, which is named as such', async () => {
    const { record, broken, exitCode } = await run({ faults: [{ world: 'stray-write' }] });

    expect({ broken, exitCode, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 1,
      error: 'VerificationMismatch',
    });
    expect(record.error?.message).toContain('Something still writes to the source');
    expect(record.resources).toMatchObject(EVERYTHING_ON);
  });

  it('waits for its users, and is left on when one stays', async () => {
    const { record, broken, exitCode } = await run({ faults: [{ world: 'session-stays' }] });

    expect({ broken, exitCode, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 1,
      error: 'SessionsRemain',
    });
    expect(record.error?.message).toMatch(/^1 session is still open/);
    expect(record.resources).toMatchObject(EVERYTHING_ON);
  });

  it('is not begun with when its database cannot be reached', async () => {
    const { record, broken, exitCode } = await run({ faults: [{ world: 'database-unreachable' }] });

    expect({ broken, exitCode, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 2,
      error: 'PlanRejected',
    });
    expect(record.error?.message).toContain('refused the connection');
  });

  const chinook = new URL('../../../shared/data/chinook.mysql.sql', import.meta.url).pathname;
  it.runIf(existsSync(chinook))('is proved when its database comes from a SQL file', async () => {
    const { record, broken, exitCode, broughtBack } = await run({ seedSql: chinook });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
    });
    expect(record.verification).toMatchObject({ equal: true, tables: 11 });
    expect(broughtBack?.confirmation).toMatchObject({ equal: true, tables: 11 });
  });
});
