import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { EVERYTHING_ON, rehearseScenario } from '../support/rehearsals.ts';

const ROLE = 'arn:aws:iam::123456789012:role/HeadOfOperations';
const USER = 'arn:aws:iam::123456789012:user/li';

/** The example of `systems.ts`, and a second person has to approve. */
function approvedBy(...principals: string[]): SystemConfigInput {
  const [example] = systems;
  if (example === undefined) throw new Error('systems.ts holds no example');
  return {
    ...example,
    files: { backup: 'none' },
    approval: { approvers: [{ address: 'head-of-operations@example.com' }], principals },
  };
}
describe('a system that a second person has to approve', { timeout: 180_000 }, () => {
  it('is shut down when one asks by the API and another says yes; evidence and report name both', async () => {
    const { record, broken, exitCode, out, evidence } = await rehearseScenario({
      systems: [approvedBy(ROLE)],
    });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(JSON.parse(evidence('certificate.json'))).toMatchObject({
      run: { requester: { kind: 'user', name: 'operator' } },
      approvedBy: 'arn:aws:sts::123456789012:assumed-role/HeadOfOperations/wang',
    });
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('user/operator');
  });

  it('is not when the one who asked says yes as somebody else', async () => {
    const { record, broken, exitCode } = await rehearseScenario({
      systems: [approvedBy(ROLE)],
      faults: [{ world: 'requester-approves' }],
    });

    expect({ broken, exitCode, outcome: record.outcome, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'denied',
      unused: [],
    });
    expect(record.resources).toMatchObject(EVERYTHING_ON);
  });

  it('is not when somebody tells the workflow so with the token from its history', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      systems: [approvedBy(ROLE)],
      faults: [{ world: 'token-stolen' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'denied',
    });
    expect(calls().map(({ operation, outcome }) => [operation, outcome])).toContainEqual([
      'SendTaskSuccess',
      'ok',
    ]);
    expect(record.error).toMatchObject({
      name: 'ApprovalDenied',
      message: expect.stringMatching(/answers\/.* holds 0 of 1 approvals.*Nothing was touched/),
    });
    expect(record.resources).toMatchObject(EVERYTHING_ON);
  });

  it('needs two people when it was started in the console', async () => {
    const faults = [{ world: 'console-start' }];
    const { record, exitCode, evidence } = await rehearseScenario({
      systems: [approvedBy(ROLE, USER)],
      faults,
    });

    expect({ exitCode, error: record.error, unused: record.unusedFaults }).toEqual({
      exitCode: 0,
      error: undefined,
      unused: [],
    });
    expect(JSON.parse(evidence('certificate.json'))).toMatchObject({
      run: { requester: 'unknown' },
      approvedBy: `arn:aws:sts::123456789012:assumed-role/HeadOfOperations/wang, ${USER}`,
    });
  });

  it('is refused by the plan when two are needed and only one is named', async () => {
    const { record, exitCode } = await rehearseScenario({
      systems: [approvedBy(ROLE)],
      faults: [{ world: 'console-start' }],
    });

    expect(exitCode).toBe(2);
    expect(record.error?.message).toMatch(/two different people have to approve.*count as one/);
  });

  it('needs one when its schedule asked, and is started once though the schedule’s call came twice', async () => {
    const { record, exitCode, out, evidence } = await rehearseScenario({
      systems: [approvedBy(ROLE)],
      faults: [{ world: 'schedule-start' }],
    });

    expect({ exitCode, error: record.error }).toEqual({ exitCode: 0, error: undefined });
    expect(JSON.parse(evidence('certificate.json'))).toMatchObject({
      run: { requester: { kind: 'schedule', name: 'cron(0 22 ? * FRI *)' } },
    });
    expect(readdirSync(join(out, 'evidence', 'runs', 'crm'))).toHaveLength(1);
    expect(readdirSync(join(out, 'evidence', 'requests'))).toEqual([
      expect.stringMatching(/^scheduled-shutdown-\d{8}T140000Z$/),
    ]);
  });
});

describe('a run of the console', { timeout: 180_000 }, () => {
  it('needs nobody where nobody has to approve, and is told to be of nobody known, whatever its input says', async () => {
    const [example] = systems;
    if (example === undefined) throw new Error('systems.ts holds no example');
    const { exitCode, evidence } = await rehearseScenario({
      systems: [{ ...example, files: { backup: 'none' } }],
      input: { requestedBy: 'the chairman' },
    });

    expect(exitCode).toBe(0);
    expect(JSON.parse(evidence('certificate.json'))).toMatchObject({
      run: { requester: 'unknown', requestedBy: 'the chairman' },
    });
    expect(evidence('report.html')).toMatch(
      /unknown \(started in the console or by its API\); the input says (&quot;|")the chairman(&quot;|"), which is not proved/,
    );
  });

  it('is refused when it is to stop without a proof that the configuration wants', async () => {
    await expect(rehearseScenario({ input: { verification: 'none' } })).rejects.toThrow(
      /^--input\.verification: "none" .* set allowUnverified: true/,
    );
  });
});
