import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../functions/contract/config.ts';
import { mostEvents } from '../../lib/workflows/history-budget.ts';
import { systems } from '../../systems.ts';
import { eventsOnAws, largestInput, mostData } from '../support/judges/history.ts';
import { EVERYTHING_ON, rehearseScenario } from '../support/rehearsals.ts';

describe('a shutdown', { timeout: 120_000 }, () => {
  it('ends with everything off, after its backup was proved', async () => {
    const { record, broken, exitCode, out, calls, evidence, execution } = await rehearseScenario({
      rows: 100_000,
    });

    expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
    expect(record.outcome).toBe('succeeded');
    expect(record.resources.database).toBe('stopped');
    expect(new Set(Object.values(record.resources.servers))).toEqual(new Set(['stopped']));
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['inactive']));
    expect(record.resources).toMatchObject({ testInstances: [], locks: [] });

    const certificate = JSON.parse(evidence('certificate.json'));
    expect(certificate.snapshot.identifier).toBe(record.snapshot?.identifier);
    expect(certificate.verification.compared).toHaveLength(5);
    expect(certificate.verification.compared.every((table: { equal: boolean }) => table.equal)).toBe(true);
    expect(record.verification).toMatchObject({ equal: true, tables: 5, rows: 100_000, differences: [] });

    // The order of the design, from the calls themselves: no stop before the proof, the copy deleted before the stop.
    const order = calls().map((call) => call.operation);
    const first = (operation: string): number => order.indexOf(operation);
    expect(first('CreateDBSnapshot')).toBeGreaterThan(first('SendCommand'));
    expect(first('RestoreDBInstanceFromDBSnapshot')).toBeGreaterThan(first('CreateDBSnapshot'));
    expect(first('DeleteDBInstance')).toBeGreaterThan(first('RestoreDBInstanceFromDBSnapshot'));
    expect(first('StopDBInstance')).toBeGreaterThan(first('DeleteDBInstance'));
    expect(first('StopInstances')).toBeGreaterThan(first('DeleteDBInstance'));
    expect(calls().filter((call) => call.outcome.includes('AccessDenied'))).toEqual([]);

    const mails = readdirSync(join(out, 'mail'));
    expect(mails.filter((name) => name.includes('announcement'))).toHaveLength(3);
    expect(mails.filter((name) => name.includes('reminder'))).toHaveLength(3);
    expect(mails.filter((name) => name.includes('shut-down'))).toHaveLength(1);
    // The report's list of mails: times of the system's own zone, with the day.
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toMatch(
      /<th scope="col">[^<]*Asia\/Shanghai[^<]*<\/th>.*?<th scope="row">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d<\/th>/s,
    );
    // The estimate at synth, held against a run: its history, and what its states hold.
    const { events } = execution.history;
    const config = SystemConfig.parse(systems[0]);
    expect(eventsOnAws(events)).toBeGreaterThan(200);
    expect(eventsOnAws(events)).toBeLessThan(mostEvents(config));
    expect(largestInput(events)).toBeLessThan(0.1 * 262_144);
    expect(mostData(events)).toBeLessThan(0.75 * 262_144);

    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('Completely off');
    expect(report).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(record)),
    );
  });

  it('touches nothing in a dry run', async () => {
    const { record, broken, exitCode, out, calls, evidence } = await rehearseScenario({
      input: { dryRun: true },
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'planned',
    });
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
    // Whether a grant could be made is asked by a dry run of KMS, which makes none; the servers are looked at by a document that reads.
    const writing = calls().filter(
      ({ operation, parameters }) =>
        !/^(Describe|Get|List|PutObject|StartExecution)/.test(operation) &&
        parameters['DryRun'] !== true &&
        parameters['DocumentName'] !== 'LightsOut-crm-Look',
    );
    expect(writing).toEqual([]);
    expect(readdirSync(join(out, 'mail'))).toEqual([]);
    const plan = JSON.parse(evidence('plan.json'));
    expect(plan.plan.pendingUpdates.map((update: { resource: string }) => update.resource)).toEqual([
      'database crm-db',
      'server worker-1',
    ]);
  });

  it('rolls back when one cell of the restored copy differs, and names the table', async () => {
    const { record, broken, exitCode, out, calls } = await rehearseScenario({
      real: true,
      faults: [{ world: 'corrupt-restore', table: 'public.activities' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('VerificationMismatch');
    expect(record.error?.message).toContain('"public"."activities"');
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
    expect(record.verification?.differences.map((difference) => difference.object)).toEqual([
      'crm: "public"."activities"',
    ]);
    const notice = readdirSync(join(out, 'mail')).find((name) => name.includes('rolled-back'));
    const text = readFileSync(join(out, 'mail', notice ?? ''), 'utf8').replaceAll(/=\r?\n/g, '');
    expect(text).toContain('VerificationMismatch');
    expect(
      calls().some((call) => call.operation === 'StopDBInstance' || call.operation === 'StopInstances'),
    ).toBe(false);
  });

  it('rolls back when a service does not stop', async () => {
    const { record, broken, exitCode } = await rehearseScenario({
      faults: [{ world: 'service-hangs', service: 'crm-worker' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('ServiceDidNotStop');
    expect(record.error?.message).toContain('crm-worker on worker-1');
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
  });

  it('rolls back when the snapshot fails', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      faults: [{ world: 'snapshot-fails' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'rolled-back',
    });
    expect(record.error?.name).toBe('SnapshotFailed');
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(calls().some((call) => call.operation === 'RestoreDBInstanceFromDBSnapshot')).toBe(false);
  });

  it('tells what is on and what is off when a server will not stop', async () => {
    const { record, broken, exitCode, out, broughtBack } = await rehearseScenario({
      faults: [{ world: 'server-will-not-stop', server: 'app-1' }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'partly-off',
    });
    expect(record.error?.name).toBe('PartlyOff');
    expect(record.resources.database).toBe('stopped');
    expect(readdirSync(join(out, 'mail')).filter((name) => name.includes('partly-off'))).toHaveLength(1);
    // Monday comes, and nobody has finished it.
    expect(broughtBack?.confirmation).toMatchObject({ equal: true });
  });

  it('survives throttling, lost answers and a killed function', async () => {
    const { record, broken, exitCode } = await rehearseScenario({
      faults: [
        { service: 'rds', operation: 'CreateDBSnapshot', kind: 'drop-after' },
        { service: 'rds', operation: 'RestoreDBInstanceFromDBSnapshot', kind: 'kill-function' },
        { service: 'rds', operation: 'StopDBInstance', kind: 'throttle', times: 2 },
        { service: 'ec2', operation: 'StopInstances', kind: 'error' },
      ],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
    });
    expect(record.unusedFaults).toEqual([]);
  });

  it('refuses to begin when the database cannot be reached', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      faults: [{ world: 'database-unreachable' }],
    });

    expect({ broken, exitCode }).toEqual({ broken: [], exitCode: 2 });
    expect(record.error?.name).toBe('PlanRejected');
    expect(record.error?.message).toContain('refused the connection');
    const commands = calls().filter(({ operation }) => operation === 'SendCommand');
    expect(new Set(commands.map(({ parameters }) => parameters['DocumentName']))).toEqual(
      new Set(['LightsOut-crm-Look']),
    );
  });

  const chinook = new URL('../../../shared/data/chinook.postgres.sql', import.meta.url).pathname;
  it.runIf(existsSync(chinook))('proves a database loaded from a SQL file', async () => {
    const { record, broken, exitCode, broughtBack } = await rehearseScenario({ seedSql: chinook });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
    });
    expect(record.verification).toMatchObject({ equal: true, tables: 11 });
    expect(broughtBack?.confirmation).toMatchObject({ equal: true, tables: 11 });
  });
});
