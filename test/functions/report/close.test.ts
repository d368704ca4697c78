import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import {
  ANOTHER_EXECUTION,
  awsError,
  execution,
  RUN_ID,
  runContext,
  standStill,
  systemInput,
} from '../fixtures.ts';
import { textOf } from './markup.ts';
import { dryRun, notBegun, partlyOff, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/shared/pause.ts', () => ({ pause: vi.fn() }));

const folder = `runs/crm/${RUN_ID}`;

standStill();

describe('closing a run', () => {
  it.each([
    ['succeeded', succeeded, 'Completely off', ['ops@example.com']],
    ['partly-off', partlyOff, 'Partly off: please act', ['ops@example.com']],
    [
      'rolled-back',
      rolledBack,
      'Rolled back: the CRM is up',
      ['ops@example.com', 'all@example.com', 'desk@example.com', 'partners@example.com'],
    ],
    ['failed', notBegun, 'Did not begin: nothing was touched', ['ops@example.com']],
    ['planned', dryRun, 'Planned only', []],
  ])('%s: certificate, report and the right people', async (outcome, run, headline, people) => {
    const world = new World(run());

    const result = await world.close();

    expect(result).toEqual({
      outcome,
      summary: expect.stringMatching(new RegExp(`^${outcome}`)),
      certificateKey: `${folder}/certificate.json`,
      reportKey: `${folder}/report.html`,
      mailsSent: people.length,
      redrives: 0,
    });
    expect(world.certificate).toMatchObject({ outcome, run: { id: RUN_ID }, problems: [] });
    expect(world.report).toContain(`<span class="sign" aria-hidden="true">`);
    expect(textOf(world.report)).toContain(headline);
    expect((await world.mails()).map(({ to }) => to)).toEqual(people);
    // A dry run took no lock, so it has none to give back.
    expect(world.lockHeld).toBe(outcome === 'planned');
  });

  it.each([
    ['off', succeeded, { stoppedAt: expect.any(String) }],
    ['off', partlyOff, { stillOn: [expect.stringMatching(/^(server|database) /)] }],
  ])('marks the system as meant to be %s', async (wanted, run, more) => {
    const world = new World(run());

    await world.close();

    expect(world.bucket.read('intent/crm')).toMatchObject({ wanted, by: `run ${RUN_ID}`, ...more });
  });

  describe('for CleanUp', () => {
    const cleanedUp = {
      Error: 'RunAborted',
      Cause: 'the execution was stopped by hand (Wang: the auditors are still in)',
      by: 'arn:clean-up:1',
    };
    const taken = { kind: 'close' as const, execution, cleanedUp };

    it('says of a run that somebody stopped when all went off already that it was stopped, to whom, and that it is off', async () => {
      const world = new World(succeeded());

      await world.closeFor({ ...world.run.state, recovery: taken });

      expect(world.certificate).toMatchObject({ outcome: 'succeeded', cleanedUp });
      expect(world.certificate).not.toHaveProperty('failure');
      expect(textOf(world.report)).toContain('the auditors are still in');
      expect(textOf(world.report)).toContain('arn:clean-up:1');
      const [mail] = await world.mails();
      expect(mail?.text).toContain('The execution did not end by itself. RunAborted');
      expect(mail?.text).toContain('the auditors are still in');
      // Who stopped it may start it again: nobody fights that.
      expect(world.bucket.read('intent/crm')).toMatchObject({ wanted: 'off', aborted: true });
    });

    it('tells the stop once where it is the failure itself, and beside the failure where it is not', async () => {
      const failure = { Error: cleanedUp.Error, Cause: cleanedUp.Cause };
      const stopped = new World(rolledBack());
      await stopped.closeFor({ ...stopped.run.state, recovery: taken, failure });
      const failed = new World(rolledBack());
      await failed.closeFor({ ...failed.run.state, recovery: taken });

      const texts = [(await stopped.mails())[0]?.text ?? '', (await failed.mails())[0]?.text ?? ''];
      expect(
        texts.map((text) => text.replaceAll(/\s+/g, ' ').split('the auditors are still in').length - 1),
      ).toEqual([1, 1]);
      expect(texts[1]).toContain('did not end by itself');
      expect(failed.certificate).toMatchObject({ cleanedUp });
    });

    it('believes no run that says so itself', async () => {
      const world = new World(succeeded());

      await world.close({ ...world.run.state, recovery: taken });

      expect(world.certificate).not.toHaveProperty('cleanedUp');
    });
  });

  it.each([
    ['clears the mark when it rolled back', rolledBack, 'on'],
    ['leaves the mark when it did not begin', notBegun, 'off'],
    ['leaves the mark when it only planned', dryRun, 'off'],
  ])('%s', async (_name, run, wanted) => {
    const world = new World(run());
    world.bucket.put('intent/crm', { wanted: 'off', since: 'x', by: 'run earlier', stoppedAgain: 0 });

    await world.close();

    expect(world.bucket.read('intent/crm')).toMatchObject({ wanted });
  });

  it('a lost lock: marks nothing as meant to be off, asks nobody to stop anything, and leaves the other run’s lock', async () => {
    const run = partlyOff();
    const lost = { Error: 'LockLost', Cause: 'this run no longer holds the lock of crm' };
    const world = new World({ ...run, state: { ...run.state, off: { database: lost, servers: lost } } });
    world.bucket.lock(ANOTHER_EXECUTION);

    expect(await world.close()).toMatchObject({
      outcome: 'failed',
      summary: expect.stringContaining('LockLost: this run no longer holds the lock of crm'),
    });

    expect(world.bucket.read('intent/crm')).toBeUndefined();
    expect(world.certificate).toMatchObject({ failure: lost, attention: [] });
    expect(textOf(world.report)).toContain('Failed: this run no longer held the lock');
    const mails = JSON.stringify(await world.mails());
    expect(mails).toContain('It left the system to those who have it now');
    expect(mails).not.toMatch(/stop-(db-)?instance/);
    expect(world.lockHeld).toBe(true);
  });

  it('certifies what was proved: snapshot, both servers, every table with its digest', async () => {
    const world = new World(succeeded());

    await world.close();

    expect(world.certificate).toMatchObject({
      run: { reason: 'Weekend shutdown', requestedBy: 'schedule', at: '2026-11-27T14:00:00.000Z' },
      approvedBy: 'arn:aws:iam::123456789012:role/HeadOfOperations',
      snapshot: {
        identifier: `lights-out-crm-${RUN_ID}`,
        arn: `arn:aws:rds:eu-central-1:123456789012:snapshot:lights-out-crm-${RUN_ID}`,
        confirmed: true,
        verified: true,
      },
      verification: {
        policy: 'full',
        equal: true,
        tables: 5,
        rows: 85_204,
        source: { address: 'crm-db.example.eu-central-1.rds.amazonaws.com', port: 5432 },
        restored: { address: 'lights-out-crm.example.eu-central-1.rds.amazonaws.com', port: 5432 },
        notCompared: [{ object: '"public"."sessions_cache"', reason: expect.any(String) }],
      },
      expectedSeconds: 2292,
      attention: [],
    });
    const { compared } = world.certificate['verification'] as { compared: unknown[] };
    expect(compared).toHaveLength(5);
    expect(compared[0]).toEqual({
      name: 'crm: "public"."accounts"',
      rows: 4000,
      digest: '9f2c01d47ab35e6688c1f0a2b3d4e5f6',
      equal: true,
    });
    // 22:00 was announced; the database was seen off 37 minutes and some later.
    expect(world.certificate['actualSeconds']).toBe(
      (Date.parse(world.run.closedAt) - Date.parse('2026-11-27T14:00:00.000Z')) / 1000,
    );
    expect(world.certificate['resources']).toEqual([
      { kind: 'database', name: 'database crm-db', state: 'stopped' },
      { kind: 'server', name: 'server web-1', state: 'stopped' },
      { kind: 'server', name: 'server app-1', state: 'stopped' },
      { kind: 'service', name: 'service crm-api on app-1', state: 'inactive', lastSeen: true },
      { kind: 'service', name: 'service nginx on web-1', state: 'inactive', lastSeen: true },
      { kind: 'maintenance', name: 'maintenance mode', state: 'on', lastSeen: true },
      { kind: 'test instance', name: `test instance lights-out-crm-${RUN_ID}`, state: 'not there' },
    ]);
  });

  it.each([
    ['sound', [], true, 'no damage'],
    [
      'damaged',
      [{ object: 'crm: B-tree <i>', problem: 'XX002: order' }],
      false,
      'B-tree &lt;i&gt;: XX002: order',
    ],
  ])('tells of a copy that its engine found %s', async (_what, problems, equal, words) => {
    const run = succeeded();
    const key = `runs/crm/${RUN_ID}/verification.json`;
    const engineCheck = {
      method: 'amcheck',
      checked: 1234,
      problems,
      notChecked: [{ object: 'crm: 1 index', reason: 'no check for it' }],
    };
    const world = new World({
      ...run,
      evidence: { ...run.evidence, [key]: { ...(run.evidence[key] as object), engineCheck } },
    });

    await world.close();

    expect(world.certificate['verification']).toMatchObject({ equal, engineCheck });
    expect(world.report).toContain('amcheck: 1,234 objects');
    expect(world.report).toContain(words);
    expect(world.report).toContain('crm: 1 index: no check for it');
  });

  it('certifies both digests of a table that differs', async () => {
    const world = new World(rolledBack());

    await world.close();

    const { compared, equal } = world.certificate['verification'] as {
      compared: { equal: boolean }[];
      equal: boolean;
    };
    expect(equal).toBe(false);
    expect(compared.filter((table) => !table.equal)).toEqual([
      {
        name: `crm: "public"."客户 <VIP> & 'others'"`,
        rows: 1204,
        digest: 'abcdefabcdefabcdefabcdefabcdefab',
        restored: { rows: 1204, digest: 'dddddddddddddddddddddddddddddddd' },
        equal: false,
      },
    ]);
    expect(world.certificate['snapshot']).toMatchObject({ confirmed: true, verified: false });
  });

  it('counts what the outage took from the time that users were told, not from the one first planned', async () => {
    const world = new World(succeeded());
    const announcement = { ...world.run.state.announcement, at: '2026-11-27T14:20:00.000Z' };

    await world.close({ ...world.run.state, announcement });

    expect(world.certificate).toMatchObject({
      announcedAt: '2026-11-27T14:20:00.000Z',
      actualSeconds: (Date.parse(world.run.closedAt) - Date.parse('2026-11-27T14:20:00.000Z')) / 1000,
    });
  });

  it('lists in the report the subjects that were really sent', async () => {
    for (const run of [succeeded, partlyOff, rolledBack, notBegun]) {
      const world = new World(run());
      await world.close();
      for (const { subject, to } of await world.mails()) {
        if (to !== 'desk@example.com') expect(textOf(world.report)).toContain(subject);
      }
    }
  });

  it('records how long the steps took only of a run that succeeded, and without the waits for people', async () => {
    const world = new World(succeeded());
    await world.close();
    expect(world.bucket.read('durations/crm')).toMatchObject({
      runs: [
        { runId: RUN_ID, seconds: { 'Take snapshot': 428, 'Stop database': 341, 'Verify restore': 96 } },
      ],
    });
    const [run] = (world.bucket.read('durations/crm') as { runs: { seconds: object }[] }).runs;
    expect(Object.keys(run?.seconds ?? {})).not.toContain('Announce');
    expect(Object.keys(run?.seconds ?? {})).not.toContain('Close the run');

    for (const other of [partlyOff, rolledBack, notBegun, dryRun]) {
      const failed = new World(other());
      await failed.close();
      expect(failed.bucket.objects.has('durations/crm')).toBe(false);
    }
  });

  it('reads every page of the history', async () => {
    const world = new World(succeeded());
    await world.close();
    expect(world.sfn.commandCalls(GetExecutionHistoryCommand).length).toBeGreaterThan(5);
    expect((world.certificate['steps'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'Plan',
      'Announce',
      'Drain sessions',
      'Stop services',
      'Record manifest',
      'Take snapshot',
      'Restore test instance',
      'Verify restore',
      'Delete test instance',
      'Stop database',
      'Stop servers',
      'Close the run',
    ]);
  });

  it('refuses another action', async () => {
    const world = new World(succeeded());
    const { handler } = await import('../../../functions/report/handler.ts');
    await expect(handler({ action: 'open' as 'close', execution, state: world.run.state })).rejects.toThrow(
      'action "open": expected "close"',
    );
  });
});

describe('closing a run that never had a plan', () => {
  const refused = {
    failure: { Error: 'InvalidInput', Cause: '{"errorMessage":"input.at: expected a time"}' },
  };
  const withParameter = (value: unknown = systemInput()): World => {
    const world = new World({ ...notBegun(), state: {} });
    world.ssm
      .on(GetParameterCommand, { Name: '/lights-out/crm/config' })
      .resolves({ Parameter: { Value: JSON.stringify(value) } });
    return world;
  };

  it('reads the configuration by itself, tells the operators, and quotes the input', async () => {
    const world = withParameter();

    const result = await world.close({ ...refused, reason: 'Weekend <b>', requestedBy: 7, dryRun: 'yes' });

    expect(result).toMatchObject({ outcome: 'failed', mailsSent: 1 });
    expect(world.certificate).toMatchObject({
      run: { id: RUN_ID, system: 'crm', dryRun: false, reason: 'Weekend <b>' },
    });
    expect(world.certificate['run']).not.toHaveProperty('requestedBy');
    expect(world.report).toContain('Weekend &lt;b&gt;');
    expect((await world.mails())[0]?.text).toContain('input.at: expected a time');
  });

  it('mails nobody for a dry run that was refused', async () => {
    const world = withParameter();
    expect(await world.close({ ...refused, dryRun: true })).toMatchObject({
      outcome: 'failed',
      mailsSent: 0,
    });
    expect(await world.mails()).toEqual([]);
  });

  it.each([
    [
      'a whole state of another run',
      { ...succeeded().state, run: runContext({ id: '20261120-1330-00000000' }) },
    ],
    [
      'a run of another execution',
      { ...succeeded().state, run: runContext({ executionArn: 'arn:another' }) },
    ],
    [
      'a run that began at another moment',
      { ...succeeded().state, run: runContext({ startedAt: '2026-11-27T13:30:00.001Z' }) },
    ],
    ['results without a run', { off: succeeded().state.off, config: succeeded().state.config }],
  ])('believes nothing of an input that holds %s', async (_case, forged) => {
    const world = withParameter();

    expect(await world.close({ ...forged, ...refused })).toMatchObject({ outcome: 'failed' });

    expect(world.certificate).toMatchObject({
      outcome: 'failed',
      run: { executionArn: execution.id, id: RUN_ID },
    });
    expect(world.certificate).not.toHaveProperty('snapshot');
    // In Chinese, since that is the first language of the stored configuration, and not of the one in the input.
    expect(textOf(world.report)).toContain('未开始：未做任何改动');
  });

  it('without a readable configuration still certifies and releases the lock, then fails by its name', async () => {
    const world = withParameter({ name: 'crm' });

    await expect(world.close(refused)).rejects.toMatchObject({ name: 'InvalidConfiguration' });

    expect(world.certificate).toMatchObject({ outcome: 'failed', run: { system: 'crm' }, resources: [] });
    expect(JSON.stringify(world.certificate['problems'])).toContain('the configuration');
    expect(world.lockHeld).toBe(false);
  });
});

describe('a part of the closing that fails', () => {
  it('history: certificate and report without a timeline', async () => {
    const world = new World(succeeded());
    world.sfn.on(GetExecutionHistoryCommand).rejects(awsError('AccessDeniedException'));

    expect(await world.close()).toMatchObject({ outcome: 'succeeded', mailsSent: 1 });

    expect(textOf(world.report)).toContain('could not be read, so there is no timeline');
    expect(world.certificate['problems']).toEqual([expect.stringMatching(/^the history: /)]);
  });

  it('look at the resources: told as such, never hidden', async () => {
    const world = new World(succeeded());
    world.rds.on(DescribeDBInstancesCommand).rejects(awsError('AccessDenied', 403, 'not authorized'));

    await world.close();

    expect(world.certificate['attention']).toContainEqual({
      kind: 'not-seen',
      resource: 'database crm-db',
      state: 'could not be looked at (not authorized)',
    });
    expect(textOf(world.report)).toContain('Could not be looked at');
    expect(textOf(world.report)).toContain('Shut down, but not everything is off now');
  });

  it('an answer that is behind what the steps have seen: looked at again before a person is asked to', async () => {
    const world = new World(succeeded());
    let looks = 0;
    world.ec2.on(DescribeInstancesCommand).callsFake(({ InstanceIds: ids }: { InstanceIds: string[] }) => {
      looks += 1;
      const state = { Name: looks < 4 ? 'running' : 'stopped' };
      return { Reservations: [{ Instances: ids.map((id) => ({ InstanceId: id, State: state })) }] };
    });

    await world.close();

    expect(world.certificate['attention']).toEqual([]);
    expect(looks).toBe(4);
  });

  it('a server that really runs after the shutdown is told of as it is', async () => {
    const world = new World(succeeded());
    world.ec2.on(DescribeInstancesCommand).callsFake(({ InstanceIds: ids }: { InstanceIds: string[] }) => ({
      Reservations: [{ Instances: ids.map((id) => ({ InstanceId: id, State: { Name: 'running' } })) }],
    }));

    await world.close();

    expect(world.certificate['attention']).toContainEqual(
      expect.objectContaining({ kind: 'still-on', resource: 'server web-1', state: 'running' }),
    );
  });

  it('one server that EC2 does not know: the others are still looked at', async () => {
    const world = new World(succeeded());
    world.ec2.on(DescribeInstancesCommand).callsFake(({ InstanceIds: ids }: { InstanceIds: string[] }) => {
      if (ids.includes('i-0a1b2c3d4e5f60718')) throw awsError('InvalidInstanceID.NotFound');
      return {
        Reservations: [{ Instances: ids.map((id) => ({ InstanceId: id, State: { Name: 'stopped' } })) }],
      };
    });

    await world.close();

    expect(world.certificate['resources']).toEqual(
      expect.arrayContaining([
        { kind: 'server', name: 'server web-1', state: 'not there' },
        { kind: 'server', name: 'server app-1', state: 'stopped' },
      ]),
    );
  });

  it('certificate: people are told, then its error ends the closing, and the lock stays for a clean-up to close the run again', async () => {
    const world = new World(succeeded());
    failPuts(world, 'certificate.json', awsError('AccessDenied', 403));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsAccessDenied' });

    expect(await world.mails()).toHaveLength(1);
    expect(world.lockHeld).toBe(true);
    expect(textOf(world.report)).toContain('A part of the closing could not be done: the certificate');
  });

  it('verification evidence that cannot be read: no proof is claimed in the certificate, and the closing is tried again', async () => {
    const world = new World(succeeded());
    world.bucket.mock
      .on(GetObjectCommand, { Bucket: 'evidence', Key: `${folder}/verification.json` })
      .rejects(awsError('SlowDown', 503));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });

    expect(world.certificate['verification']).not.toHaveProperty('equal');
    expect(world.certificate['snapshot']).toMatchObject({ verified: false });
    // The run did prove it, so the mail must not say that it was told not to.
    const [mail] = await world.mails();
    expect(mail?.text).toContain('5 tables, 85,204 rows');
    expect(world.lockHeld).toBe(true);
  });

  it('lock: everything else is done, then its error ends the closing', async () => {
    const world = new World(succeeded());
    world.bucket.mock
      .on(GetObjectCommand, { Bucket: 'evidence', Key: 'locks/crm' })
      .rejects(awsError('AccessDenied', 403));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsAccessDenied' });

    expect(world.certificate).toMatchObject({ outcome: 'succeeded' });
    expect(textOf(world.report)).toContain('Completely off');
  });

  it('throws what may pass before what will not, so that the workflow tries again', async () => {
    const world = new World(succeeded());
    failPuts(world, 'certificate.json', awsError('AccessDenied', 403));
    world.bucket.mock
      .on(GetObjectCommand, { Bucket: 'evidence', Key: `${folder}/verification.json` })
      .rejects(awsError('SlowDown', 503));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });

  it('report: the lock is released and the run keeps its outcome', async () => {
    const world = new World(partlyOff());
    failPuts(world, 'report.html', awsError('AccessDenied', 403));
    expect(await world.close()).toMatchObject({ outcome: 'partly-off', mailsSent: 1 });
    expect(world.lockHeld).toBe(false);
  });

  it('releases the lock after everything else', async () => {
    const world = new World(rolledBack());
    await world.close();
    const keys = world.bucket.mock.calls().map((call) => (call.args[0].input as { Key?: string }).Key);
    expect(keys.slice(-2)).toEqual(['locks/crm', 'locks/crm']);
    // The first look is whether the run still has it.
    expect(keys.indexOf('locks/crm', 1)).toBe(keys.length - 2);
  });
});

describe('closing twice', () => {
  it('mails nobody again and stores the same', async () => {
    const world = new World(rolledBack());

    const first = await world.close();
    const stored = [world.certificate, world.report];
    const second = await world.close();

    expect(second).toEqual(first);
    expect([world.certificate, world.report]).toEqual(stored);
    expect(await world.mails()).toHaveLength(4);
  });

  it('leaves everything as it is when the run was cleaned up meanwhile, and says that it failed', async () => {
    const world = new World(rolledBack());
    await world.close();
    const stored = [world.certificate, world.report];

    const answer = await world.close({
      ...world.run.state,
      rollback: undefined,
      failure: { Error: 'LockLost', Cause: 'nobody does' },
    });

    expect(answer).toMatchObject({ outcome: 'failed', summary: 'failed: LockLost: nobody does' });
    expect([world.certificate, world.report]).toEqual(stored);
    expect(await world.mails()).toHaveLength(4);
  });

  it('tells a run that ended while only one branch of the backup had answered', async () => {
    const run = rolledBack();
    const { snapshot: _branch, ...backup } = run.state.backup ?? {};
    const world = new World({ ...run, state: { ...run.state, backup } });

    await world.close();

    expect(await world.mails()).toHaveLength(4);
  });

  it('tells again when a redriven run ends otherwise than was told', async () => {
    const world = new World(succeeded());
    world.bucket.put(`${folder}/closed.json`, { outcome: 'partly-off', calls: 1, sent: 1 });

    expect(await world.close()).toMatchObject({ mailsSent: 1 });

    expect(world.bucket.read(`${folder}/closed.json`)).toEqual({ outcome: 'succeeded', calls: 1, sent: 1 });
  });

  it('of a redriven run keeps the earlier certificate, and tells the operators how it stands now', async () => {
    const world = new World(partlyOff());
    await world.close();
    const earlier = world.certificate;
    world.bucket.lock();

    const answer = await world.close(world.run.state, { ...execution, redriveCount: 1 });

    expect(answer).toMatchObject({ mailsSent: 1, redrives: 1 });
    expect(await world.mails()).toHaveLength(2);
    expect(world.bucket.read(`${folder}/certificate-before-redrive-1.json`)).toEqual(earlier);
    expect(world.certificate).toMatchObject({ redrives: 1 });
    expect(world.certificate).not.toHaveProperty('actualSeconds');
  });

  it('mails when the first call was killed between its mark and its mails', async () => {
    const world = new World(succeeded());
    world.bucket.put(`${folder}/closed.json`, { outcome: 'succeeded', calls: 1 });
    expect(await world.close()).toMatchObject({ mailsSent: 1 });
    expect(world.bucket.read(`${folder}/closed.json`)).toEqual({ outcome: 'succeeded', calls: 2, sent: 1 });
  });

  it('tries again to tell people when nobody was told', async () => {
    const world = new World(partlyOff());
    world.ses.on(SendRawEmailCommand).rejectsOnce(awsError('MessageRejected'));

    expect(await world.close()).toMatchObject({ mailsSent: 0 });
    expect(textOf(world.report)).toContain('No mail about the outcome was accepted');
    world.bucket.lock();
    expect(await world.close()).toMatchObject({ mailsSent: 1 });
    expect(textOf(world.report)).not.toContain('No mail about the outcome was accepted');
  });

  it('does not mail on and on when the mark of the sent mails cannot be stored', async () => {
    const world = new World(rolledBack());
    const put = world.bucket.mock;
    let marks = 0;
    put.on(PutObjectCommand, { Bucket: 'evidence', Key: `${folder}/closed.json` }).callsFake((input) => {
      const mark = JSON.parse(String(input.Body)) as { sent?: number };
      if (mark.sent !== undefined) throw awsError('SlowDown', 503);
      marks += 1;
      return { ETag: world.bucket.put(input.Key, String(input.Body)) };
    });

    for (let call = 0; call < 6; call += 1) {
      world.bucket.lock();
      await world.close();
    }

    expect(marks).toBe(3);
    expect(await world.mails()).toHaveLength(3 * 4);
  });

  it('mails once, from one environment of the function, while the mark itself cannot be stored', async () => {
    const world = new World(rolledBack());
    failPuts(world, 'closed.json', awsError('SlowDown', 503));
    for (let call = 0; call < 4; call += 1) {
      world.bucket.lock();
      expect(await world.close()).toMatchObject({ mailsSent: 4 });
    }
    expect(await world.mails()).toHaveLength(4);
  });
});

function failPuts(world: World, name: string, error: Error): void {
  world.bucket.mock.on(PutObjectCommand, { Bucket: 'evidence', Key: `${folder}/${name}` }).rejects(error);
}
