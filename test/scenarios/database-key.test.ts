import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { EVERYTHING_ON, type Rehearsed, rehearseScenario } from '../support/rehearsals.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');
const KEY = example.database.kmsKeyArn ?? '';

/** The example, but that its database is under the key that AWS manages. */
const { kmsKeyArn: _none, ...withoutKey } = example.database;
const underTheManagedKey: SystemConfigInput = { ...example, database: withoutKey };

const mailsToUsers = ({ calls }: Rehearsed) =>
  calls().filter((call) => call.operation === 'SendRawEmail' && call.function === 'announce');

describe('a database under a customer managed key', { timeout: 120_000 }, () => {
  it('is restored under it, by way of RDS', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario();

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.verification).toMatchObject({ equal: true });
    const asked = calls().filter(({ operation }) => operation === 'CreateGrant');
    expect(asked).toMatchObject([
      {
        function: 'plan',
        outcome: 'DryRunOperationException',
        resources: [KEY],
        parameters: { DryRun: true },
      },
    ]);
  });

  it('needs nothing under the key that AWS manages', async () => {
    const { record, exitCode, calls } = await rehearseScenario({ systems: [underTheManagedKey] });

    expect({ exitCode, error: record.error }).toEqual({ exitCode: 0, error: undefined });
    expect(calls().filter(({ operation }) => operation === 'CreateGrant')).toEqual([]);
  });

  it.each([
    ['the key’s permission is taken away', 'key-denied', [example], /cannot be used: AccessDeniedException/],
    ['the key is disabled', 'key-disabled', [example], /is "Disabled"; expected "Enabled"/],
    [
      'the key is not named',
      'other-key',
      [underTheManagedKey],
      /customer managed key arn:aws:kms:\S+, which database.kmsKeyArn does not name/,
    ],
  ])('is not begun with, and nobody is told, when %s', async (_what, world, own, problem) => {
    const rehearsed = await rehearseScenario({ systems: own, faults: [{ world }] });
    const { record, broken, exitCode } = rehearsed;

    expect({ broken, exitCode }).toEqual({ broken: [], exitCode: 2 });
    expect(record.error?.name).toBe('PlanRejected');
    expect(record.error?.message).toMatch(problem);
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(mailsToUsers(rehearsed)).toEqual([]);
  });

  it('brings everything back when the permission is lost after the plan', async () => {
    const { record, broken, exitCode } = await rehearseScenario({
      faults: [{ world: 'key-denied', at: 'Restore test instance' }],
    });

    expect({ broken, exitCode, outcome: record.outcome, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
      error: 'RestoreFailed',
    });
    expect(record.error?.message).toContain('the KMS key of the snapshot cannot be used');
    expect(record.resources).toMatchObject(EVERYTHING_ON);
  });
});
