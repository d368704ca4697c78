import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { changeIntent, meantToBeOff, meantToBeOn } from '../../../functions/guard/intent.ts';
import { awsError, Bucket, RUN_ID, runContext, standStill } from '../fixtures.ts';

const NOW = '2026-11-27T15:00:00.000Z';
const run = runContext({ reason: 'Weekend' });
const stopped = { databaseStopped: true, stillOn: [] };
let bucket: Bucket;

standStill(NOW);
beforeEach(() => {
  bucket = new Bucket();
});

describe('the mark', () => {
  it('says since when, by which run and why the system is meant to be off', async () => {
    await meantToBeOff(run, stopped);

    expect(bucket.read('intent/crm')).toEqual({
      wanted: 'off',
      since: NOW,
      by: `run ${RUN_ID}`,
      reason: 'Weekend',
      run: { id: RUN_ID, executionArn: run.executionArn },
      stoppedAt: NOW,
      stoppedAgain: 0,
    });
  });

  it('names what could not be switched off, and no time at which the database was off', async () => {
    await meantToBeOff(run, { databaseStopped: false, stillOn: ['database crm-db'] });

    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'off', stillOn: ['database crm-db'] });
    expect(bucket.read('intent/crm')).not.toHaveProperty('stoppedAt');
  });

  it('is cleared with who, when and why', async () => {
    await meantToBeOff(run, stopped);
    vi.setSystemTime('2026-11-30T07:00:00.000Z');

    const { changed } = await meantToBeOn('crm', { by: 'arn:li', reason: 'Monday' });

    expect(changed).toBe(true);
    expect(bucket.read('intent/crm')).toEqual({
      wanted: 'on',
      since: '2026-11-30T07:00:00.000Z',
      by: 'arn:li',
      reason: 'Monday',
      run: { id: RUN_ID, executionArn: run.executionArn },
      stoppedAgain: 0,
    });
  });

  it('stays cleared when the run that had set it closes a second time', async () => {
    await meantToBeOff(run, stopped);
    await meantToBeOn('crm', { by: 'arn:li' });

    await meantToBeOff(run, stopped);

    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'on', by: 'arn:li' });
  });

  it('is set again by another run', async () => {
    await meantToBeOff(run, stopped);
    await meantToBeOn('crm', { by: 'arn:li' });

    await meantToBeOff(runContext({ id: '20261204-1330-aaaaaaaa' }), stopped);

    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'off', by: 'run 20261204-1330-aaaaaaaa' });
  });

  it.each([
    ['nothing was ever said', undefined],
    ['it is meant to be on already', { wanted: 'on' }],
  ])('is not written when %s', async (_name, held) => {
    if (held !== undefined) bucket.put('intent/crm', held);

    expect(await meantToBeOn('crm', { by: 'arn:li' })).toMatchObject({ changed: false });
    expect(bucket.mock.commandCalls(PutObjectCommand)).toHaveLength(0);
  });

  it('is changed on top of what somebody else wrote meanwhile', async () => {
    await meantToBeOff(run, stopped);
    let once = true;

    const { intent } = await changeIntent('crm', (current) => {
      if (current === undefined) return undefined;
      // Between our reading and our writing somebody else writes.
      if (once) bucket.put('intent/crm', { ...current, stoppedAgain: 7 });
      once = false;
      return { ...current, stoppedAgain: current.stoppedAgain + 1 };
    });

    expect(intent?.stoppedAgain).toBe(8);
    expect(bucket.read('intent/crm')).toMatchObject({ stoppedAgain: 8 });
  });

  it('asks to be tried again when every write loses', async () => {
    await meantToBeOff(run, stopped);
    bucket.mock.on(PutObjectCommand).rejects(awsError('PreconditionFailed', 412));

    await expect(meantToBeOn('crm', { by: 'arn:li' })).rejects.toMatchObject({
      name: 'AwsTemporarilyUnavailable',
    });
  });
});
