import { describe, expect, it, vi } from 'vitest';
import { ANOTHER_EXECUTION, execution, RUN_ID, standStill } from '../fixtures.ts';
import { folder } from './evidence.ts';
import { textOf } from './markup.ts';
import { dryRun, notBegun, partlyOff, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

standStill();

describe('closing a run', () => {
  it.each([
    ['succeeded', undefined, succeeded, 'Completely off', ['ops@example.com']],
    ['partly-off', 'PartlyOff', partlyOff, 'Partly off: please act', ['ops@example.com']],
    [
      'rolled-back',
      'VerificationMismatch',
      rolledBack,
      'Rolled back: the CRM is up',
      ['ops@example.com', 'all@example.com', 'desk@example.com', 'partners@example.com'],
    ],
    ['failed', 'PlanRejected', notBegun, 'Did not begin: nothing was touched', ['ops@example.com']],
    ['planned', undefined, dryRun, 'Planned only', []],
  ])('%s: certificate, report and the right people', async (outcome, error, run, headline, people) => {
    const world = new World(run());

    const result = await world.close();

    expect(result).toEqual({
      outcome,
      summary: expect.stringMatching(new RegExp(`^${outcome}`)),
      certificateKey: `${folder}/certificate.json`,
      reportKey: `${folder}/report.html`,
      mailsSent: people.length,
      ...(error === undefined ? {} : { error: { Error: error, Cause: expect.stringMatching(/^[^{]/) } }),
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

  it('refuses another action', async () => {
    const world = new World(succeeded());
    const { handler } = await import('../../../functions/report/handler.ts');
    await expect(handler({ action: 'open' as 'close', execution, state: world.run.state })).rejects.toThrow(
      'action "open": expected "close"',
    );
  });
});
