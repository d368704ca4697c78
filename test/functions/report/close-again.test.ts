import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { describe, expect, it, vi } from 'vitest';
import { awsError, standStill } from '../fixtures.ts';
import { folder } from './evidence.ts';
import { textOf } from './markup.ts';
import { partlyOff, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

standStill();

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

  it('tells again when a later call finds that the run ended otherwise than was told', async () => {
    const world = new World(succeeded());
    world.bucket.put(`${folder}/closed.json`, { outcome: 'partly-off', calls: 1, sent: 1 });

    expect(await world.close()).toMatchObject({ mailsSent: 1 });

    expect(world.bucket.read(`${folder}/closed.json`)).toEqual({ outcome: 'succeeded', calls: 1, sent: 1 });
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
    world.failPuts('closed.json', awsError('SlowDown', 503));
    for (let call = 0; call < 4; call += 1) {
      world.bucket.lock();
      expect(await world.close()).toMatchObject({ mailsSent: 4 });
    }
    expect(await world.mails()).toHaveLength(4);
  });
});
