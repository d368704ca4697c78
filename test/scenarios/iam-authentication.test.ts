import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { hasMariadb } from '../support/mariadb-server.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

/** The example of `systems.ts`, but that its database's user signs in by IAM. */
function signingIn(engine: 'postgres' | 'mariadb' = 'postgres'): SystemConfigInput {
  const [example] = systems;
  if (example === undefined) throw new Error('systems.ts holds no example');
  const { credentialsSecretArn: _none, ...database } = example.database;
  return { ...example, database: { ...database, engine, iamUser: 'lights_out' } };
}

describe('a system whose database user signs in by IAM', { timeout: 120_000 }, () => {
  it('is shut down, its backup proved, without a password anywhere', async () => {
    const { record, broken, exitCode, out } = await rehearseScenario({ systems: [signingIn()], real: true });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100 });
    const calls = readFileSync(join(out, 'calls.jsonl'), 'utf8');
    expect(calls).not.toContain('secretsmanager');
    expect(calls).toContain('"EnableIAMDatabaseAuthentication":true');
  });

  it('names the differing table as with a password', async () => {
    const { record, exitCode } = await rehearseScenario({
      systems: [signingIn()],
      faults: [{ world: 'corrupt-restore' }],
    });

    expect({ exitCode, outcome: record.outcome, error: record.error?.name }).toEqual({
      exitCode: 1,
      outcome: 'rolled-back',
      error: 'VerificationMismatch',
    });
  });

  it.runIf(hasMariadb)('is shut down on MariaDB too', async () => {
    const { record, broken, exitCode, out } = await rehearseScenario({
      systems: [signingIn('mariadb')],
      real: true,
    });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100 });
    expect(readFileSync(join(out, 'calls.jsonl'), 'utf8')).not.toContain('secretsmanager');
  });
});
