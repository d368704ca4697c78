import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { EVERYTHING_ON, type Rehearsed, rehearseScenario } from '../support/rehearsals.ts';

/** The example system, told to compare again. */
const comparing: SystemConfigInput[] = systems.map((system) => ({ ...system, lateWrites: 'compare-again' }));

const outcome = ({ record, broken, exitCode }: Rehearsed) => ({
  broken,
  exitCode,
  outcome: record.outcome,
  error: record.error?.name,
});
const ROLLED_BACK = { broken: [], exitCode: 1, outcome: 'rolled-back', error: 'SourceChanged' };
const PROVED = { broken: [], exitCode: 0, outcome: 'succeeded', error: undefined };

/** The operators' mail of a kind, as it is read. */
function mail({ out }: Rehearsed, kind: string): string {
  const name = readdirSync(join(out, 'mail')).find((each) => each.includes(kind)) ?? '';
  const text = readFileSync(join(out, 'mail', name), 'latin1').replaceAll(/=\r?\n/g, '');
  return Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  ).toString('utf8');
}

const isSwitchedOff = (run: Rehearsed): boolean =>
  run.calls().some(({ operation }) => operation === 'StopDBInstance' || operation === 'StopInstances');

describe('something writes to the source after its backup', { timeout: 240_000 }, () => {
  it('and the run is rolled back at once, naming what was written', async () => {
    const run = await rehearseScenario({ faults: [{ world: 'late-write', table: 'public.activities' }] });

    expect(outcome(run)).toEqual(ROLLED_BACK);
    expect(run.record.unusedFaults).toEqual([]);
    // The second way, should the mail not go out.
    expect(run.record.alarms).toEqual(['A run of Sunrise CRM failed. See docs/operations.md, "RunFailed".']);
    expect(run.record.resources).toMatchObject(EVERYTHING_ON);
    expect(isSwitchedOff(run)).toBe(false);
    expect(run.record.error?.message).toContain('crm: "public"."activities"');
    expect(run.record.snapshot?.verified).toBe(false);
    expect(run.record.verification).toBeUndefined();
    const certificate = JSON.parse(run.evidence('certificate.json'));
    expect(certificate).toMatchObject({
      snapshot: { verified: false },
      lastLook: { cameBack: [], source: { wrote: 'something', outdated: true } },
    });
    const text = mail(run, 'rolled-back');
    expect(text).toContain('Something wrote to the database after its backup: crm: "public"."activities".');
    expect(text).toContain('备份之后有程序写入了数据库');
    expect(text).toContain('What to do next: Find what writes to the database');
    const report = readFileSync(join(run.out, 'report.html'), 'utf8');
    expect(report).toContain('Something wrote to the database after its backup');
    expect(report).toContain('Older than the source');
    expect(report).toContain('Find what writes to the database');
    expect(report).not.toContain('Nothing now');
  });

  it('and where it is to be compared again, it is read once more, and rolled back because it differs', async () => {
    const run = await rehearseScenario({
      faults: [{ world: 'late-write', table: 'public.activities' }],
      systems: comparing,
    });

    expect(outcome(run)).toEqual(ROLLED_BACK);
    expect(isSwitchedOff(run)).toBe(false);
    expect(run.record.error?.message).toContain('is no longer what was verified: crm: "public"."activities"');
    expect(run.record.verification?.equal).toBe(false);
    const [compared] = JSON.parse(run.evidence('last-look.json')).compared.differences;
    expect(compared).toMatchObject({ object: 'crm: "public"."activities"', kind: 'content' });
    expect(mail(run, 'rolled-back')).toContain('The database changed after its backup');
  });

  it('and takes it back: compared again it is equal, and the run goes on, on record', async () => {
    const run = await rehearseScenario({
      faults: [{ world: 'late-write', table: 'public.activities', undone: true }],
      systems: comparing,
    });

    expect(outcome(run)).toEqual(PROVED);
    const { lastLook, snapshot } = JSON.parse(run.evidence('certificate.json'));
    expect(snapshot.verified).toBe(true);
    expect(lastLook.source).toMatchObject({
      wrote: 'something',
      objects: ['crm: "public"."activities"'],
      compared: { equal: true },
    });
    expect(mail(run, 'shut-down')).toContain('is equal to what was verified');
  });
});

describe('a service comes back after it was stopped', { timeout: 240_000 }, () => {
  it('and is stopped again: nothing was written, so the run goes on, on record', async () => {
    const run = await rehearseScenario({ faults: [{ world: 'service-comes-back', service: 'crm-worker' }] });

    expect(outcome(run)).toEqual(PROVED);
    expect(run.record.unusedFaults).toEqual([]);
    expect(new Set(Object.values(run.record.resources.services))).toEqual(new Set(['inactive']));
    const { lastLook } = JSON.parse(run.evidence('certificate.json'));
    expect(lastLook).toMatchObject({
      cameBack: [{ name: 'crm-worker', server: 'worker-1', state: 'active' }],
      source: { wrote: 'nothing' },
    });
    const text = mail(run, 'shut-down');
    expect(text).toContain('Service crm-worker on worker-1 had come back after it was stopped');
    expect(text).toContain('服务器 worker-1 上的服务 crm-worker 在停止后又被启动');
  });

  it('and writes: the run is rolled back, and every service is up again', async () => {
    const run = await rehearseScenario({
      faults: [{ world: 'service-comes-back', service: 'crm-worker', writes: true }],
    });

    expect(outcome(run)).toEqual(ROLLED_BACK);
    expect(isSwitchedOff(run)).toBe(false);
    expect(new Set(Object.values(run.record.resources.services))).toEqual(new Set(['active']));
    expect(mail(run, 'rolled-back')).toContain('Service crm-worker on worker-1 had come back');
  });
});

describe('a run that verifies nothing', { timeout: 240_000 }, () => {
  it('looks at its services all the same, and says that it did not look at the database', async () => {
    const run = await rehearseScenario({
      systems: systems.map((system) => ({ ...system, allowUnverified: true })),
      input: { verification: 'none' },
      faults: [{ world: 'service-comes-back', at: 'Confirm the services' }],
    });

    expect(outcome(run)).toEqual(PROVED);
    const steps = run.record.steps.map(({ name }) => name);
    expect(steps).toContain('Confirm the services');
    expect(steps).not.toContain('Confirm the source');
    expect(JSON.parse(run.evidence('certificate.json')).lastLook.cameBack).toHaveLength(1);
    expect(mail(run, 'shut-down')).toContain('nobody looked whether something wrote to the database');
    // Nothing is there to compare with: the start-up opens, and says so.
    expect(run.broughtBack).toMatchObject({
      outcome: 'succeeded',
      confirmation: { equal: false, tables: 0 },
    });
  });
});
