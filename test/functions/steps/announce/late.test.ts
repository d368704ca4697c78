import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { beforeEach, expect, it } from 'vitest';
import { type AnnounceEvent, handler } from '../../../../functions/steps/announce/handler.ts';
import { AwsWorld } from '../../aws-world.ts';
import { awsError, execution, LOCK_LOST, simulateTime, system } from '../../fixtures.ts';
import { SHUTDOWN_FOLDER, startupPlan, startupRun } from '../../startup-world.ts';

/** Beside the evidence of the shutdown that made the promise: a second start-up finds it too. */
const NOTE = `${SHUTDOWN_FOLDER}/late.json`;
const USERS = ['all@example.com', 'desk@example.com', 'partners@example.com'];
let world: AwsWorld;

const late = (): Promise<unknown> =>
  handler({
    action: 'late',
    execution,
    state: {
      run: startupRun({ backAt: '2026-11-28T00:00:00.000Z', lateAt: '2026-11-27T23:50:00.000Z' }),
      config: system(),
      wake: startupPlan(),
    },
  } as AnnounceEvent);
const mailed = async (): Promise<string[]> => (await world.mails()).map(({ to }) => to);

beforeEach(() => {
  simulateTime('2026-11-27T23:50:05.000Z');
  world = new AwsWorld();
  world.bucket.lock();
  world.ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });
});

it('tells every user once, with the promised time, in their language', async () => {
  expect(await late()).toEqual({ sent: 3 });
  // Again: the answer was lost.
  expect(await late()).toEqual({ sent: 3 });

  const mails = await world.mails();
  expect(mails.map(({ to }) => to)).toEqual(USERS);
  // Midnight UTC, as the system's people read it.
  for (const { text } of mails) expect(text).toMatch(/0?8:00/);
  expect(mails[1]?.text).toMatch(/\p{Script=Han}/u);
  expect(mails[2]?.text).not.toMatch(/\p{Script=Han}/u);
  expect(world.bucket.read(NOTE)).toEqual({ at: expect.stringMatching(/^2026-11-27T23:50/), sent: 3 });
});

it('notes it before the first mail: without a note nobody is told', async () => {
  world.bucket.mock
    .on(PutObjectCommand, { Bucket: 'evidence', Key: NOTE })
    .rejects(awsError('InternalError', 500));

  await expect(late()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  expect(await mailed()).toEqual([]);
});

it('has its note when it mails', async () => {
  let noted: unknown;
  world.ses.on(SendRawEmailCommand).callsFake(() => {
    noted ??= world.bucket.read(NOTE);
    return { MessageId: '1' };
  });
  await late();

  expect(noted).toEqual({ at: expect.any(String) });
});

it('tells the users after a call that died between note and mail', async () => {
  world.bucket.put(NOTE, { at: '2026-11-27T23:50:00.000Z' });

  expect(await late()).toEqual({ sent: 3 });
  expect(world.bucket.read(NOTE)).toEqual({ at: '2026-11-27T23:50:00.000Z', sent: 3 });
});

it('goes on with the others when SES refuses one address', async () => {
  let calls = 0;
  world.ses.on(SendRawEmailCommand).callsFake(() => {
    calls += 1;
    if (calls === 1) throw awsError('MessageRejected');
    return { MessageId: '1' };
  });

  expect(await late()).toEqual({ sent: 2 });
});

it.each(LOCK_LOST)('tells nobody when %s', async (_case, arrange, name) => {
  arrange(world.bucket);

  await expect(late()).rejects.toMatchObject({ name });
  expect(await mailed()).toEqual([]);
  expect(world.bucket.objects.has(NOTE)).toBe(false);
});
