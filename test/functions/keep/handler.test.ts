import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type KeepEvent } from '../../../functions/keep/handler.ts';
import type { Kept } from '../../../functions/keep/stop.ts';
import type { KeepInput } from '../../../functions/shared/contract/watch.ts';
import { awsError, IDENTIFIER, RUN_ID, standStill } from '../fixtures.ts';
import { OFF_SINCE, WatchWorld } from '../watch-world.ts';

const forced: KeepInput = {
  cause: 'forced-start',
  targets: ['database'],
  runId: RUN_ID,
  stoppedAt: OFF_SINCE,
};
const keep = { id: 'arn:keep:1', name: 'keep-1', startTime: '2026-12-04T15:00:00.000Z' };
const stop = (kept?: Kept, input = forced, execution = keep): Promise<Kept> =>
  handler({
    action: 'stop',
    execution,
    state: { ...input, ...(kept === undefined ? {} : { kept }) },
  }) as Promise<Kept>;
let world: WatchWorld;

standStill(keep.startTime);
beforeEach(() => {
  world = new WatchWorld();
});

describe('keeping the database stopped', () => {
  it('waits while RDS starts it, stops it, sees it stopped and notes it', async () => {
    world.database = 'starting';
    const starting = await stop();
    expect(starting).toMatchObject({ done: false, outcome: 'under way' });
    expect(starting.waitSeconds).toBeGreaterThanOrEqual(10);

    world.database = 'available';
    const available = await stop(starting);
    expect(world.database).toBe('stopping');
    const stopping = await stop(available);
    expect(stopping).toMatchObject({ done: false });

    world.database = 'stopped';
    vi.setSystemTime('2026-12-04T15:20:00.000Z');
    expect(await stop(stopping)).toMatchObject({ done: true, outcome: 'stopped' });
    expect(world.bucket.read('intent/crm')).toMatchObject({
      wanted: 'off',
      stoppedAt: '2026-12-04T15:20:00.000Z',
      stoppedAgain: 1,
      stoppedAgainBy: keep.id,
    });
  });

  it.each([
    [
      'it is meant to be on',
      () => world.mark({ wanted: 'on', by: 'arn:li' }),
      /meant to be on since .* by arn:li/,
    ],
    ['nothing was ever said', () => world.bucket.objects.delete('intent/crm'), /meant to be on/],
    [
      'another run has shut it down',
      () => world.mark({ run: { id: 'later', executionArn: 'x' } }),
      /another run, later/,
    ],
    ['a run is in progress', () => world.lock('RUNNING'), /run another is in progress/],
  ])('stops nothing when %s', async (_name, change, reason) => {
    world.database = 'available';
    change();

    expect(await stop()).toMatchObject({
      done: true,
      outcome: 'left',
      reason: expect.stringMatching(reason),
    });
    expect(world.stops).toBe(0);
  });

  it('stops nothing any more when the mark is cleared while RDS still starts the database', async () => {
    world.database = 'starting';
    const waiting = await stop();
    world.mark({ wanted: 'on', by: 'arn:li' });
    world.database = 'available';
    const before = world.stops;

    expect(await stop(waiting)).toMatchObject({ done: true, outcome: 'left' });
    expect(world.stops).toBe(before);
  });

  it.each([
    ['is released', () => world.mark({ wanted: 'on', by: 'arn:li' })],
    ['is shut down by another run', () => world.mark({ run: { id: 'later', executionArn: 'x' } })],
  ])('stops nothing when the system %s while it looks', async (_name, change) => {
    world.database = 'available';
    world.rds.on(DescribeDBInstancesCommand).callsFake(() => {
      change();
      return { DBInstances: [{ DBInstanceIdentifier: 'crm-db', DBInstanceStatus: 'available' }] };
    });

    expect(await stop()).toMatchObject({ done: true, outcome: 'left' });
    expect(world.stops).toBe(0);
  });

  it('takes no notice of a lock whose run is over', async () => {
    world.database = 'available';
    world.lock('ABORTED');

    expect(await stop()).toMatchObject({ done: false });
    expect(world.stops).toBe(1);
  });

  it.each([
    [
      'no certificate',
      () => world.bucket.objects.delete(`runs/crm/${RUN_ID}/certificate.json`),
      /certificate .* is not there/,
    ],
    [
      'a snapshot that was not verified',
      () =>
        world.bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {
          snapshot: { identifier: IDENTIFIER, confirmed: true, verified: false },
          verification: { policy: 'full' },
        }),
      /no proved snapshot/,
    ],
    [
      'a snapshot that is gone',
      () => {
        world.snapshot = undefined;
      },
      /not there any more/,
    ],
    [
      'a snapshot that is being deleted',
      () => {
        world.snapshot = 'deleting';
      },
      /is deleting/,
    ],
  ])('stops nothing with %s', async (_name, change, message) => {
    world.database = 'available';
    change();

    await expect(stop()).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(message),
    });
    expect(world.stops).toBe(0);
  });

  it('stops it with an unverified snapshot when the run was told so, on record', async () => {
    world.database = 'available';
    world.bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {
      snapshot: { identifier: IDENTIFIER, confirmed: true, verified: false },
      verification: { policy: 'none' },
    });

    await stop();

    expect(world.stops).toBe(1);
  });

  it('takes the refusal of a stop for no error: the next look tells', async () => {
    world.database = 'available';
    world.rds.on(StopDBInstanceCommand).rejects(awsError('InvalidDBInstanceStateFault'));

    expect(await stop()).toMatchObject({ done: false });
  });

  it('is told by one execution alone when two see to one start', async () => {
    const other = { ...keep, id: 'arn:keep:2' };
    world.database = 'available';
    const [one, two] = [await stop(), await stop(undefined, forced, other)];
    world.database = 'stopped';

    expect(await stop(one)).toMatchObject({ outcome: 'stopped' });
    expect(await stop(two, forced, other)).toMatchObject({ outcome: 'found-off' });
    expect(world.bucket.read('intent/crm')).toMatchObject({ stoppedAgain: 1 });
  });

  it('still tells when the answer to its own note was lost', async () => {
    world.database = 'available';
    const waiting = await stop();
    world.database = 'stopped';
    await stop(waiting);

    // The same call again, as after a lost answer: the note is there already.
    expect(await stop(waiting)).toMatchObject({ outcome: 'stopped' });
    expect(world.bucket.read('intent/crm')).toMatchObject({ stoppedAgain: 1 });
  });

  it('does nothing for an event that comes late, when everything is off again', async () => {
    expect(await stop()).toMatchObject({ done: true, outcome: 'found-off' });
    expect(world.stops).toBe(0);
  });

  it('knows what it has stopped in a call that was killed', async () => {
    world.database = 'available';
    // Its answer never came, and so the state machine calls it again with the state of before.
    await stop();
    world.database = 'stopped';

    expect(await stop()).toMatchObject({ outcome: 'stopped', foundOn: ['database crm-db'] });
    expect(world.bucket.read('intent/crm')).not.toHaveProperty('stopping');
  });

  it('stops nothing before it has noted that', async () => {
    world.database = 'available';
    world.bucket.mock.on(PutObjectCommand).rejects(awsError('ServiceUnavailable', 503));

    await expect(stop()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    expect(world.stops).toBe(0);
  });

  it('tells what the other execution for the same start did not stop', async () => {
    const both: KeepInput = { ...forced, cause: 'started-by-hand', targets: ['database', 'servers'] };
    const servers: KeepInput = { ...both, targets: ['servers'] };
    const other = { ...keep, id: 'arn:keep:2' };
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';
    const first = await stop(undefined, servers);
    world.database = 'available';
    const second = await stop(undefined, both, other);
    world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
    vi.setSystemTime('2026-12-04T15:05:00.000Z');
    expect(await stop(first, servers)).toMatchObject({ outcome: 'stopped', foundOn: ['server web-1'] });

    world.database = 'stopped';
    vi.setSystemTime('2026-12-04T15:20:00.000Z');
    expect(await stop(second, both, other)).toMatchObject({
      outcome: 'stopped',
      foundOn: ['database crm-db'],
    });
    expect(world.bucket.read('intent/crm')).toMatchObject({ stoppedAt: '2026-12-04T15:20:00.000Z' });
  });

  it('tells of a second start of the same server', async () => {
    const servers: KeepInput = { ...forced, cause: 'started-by-hand', targets: ['servers'] };
    const once = async (input: KeepInput, id: string): Promise<Kept> => {
      world.servers['i-0a1b2c3d4e5f60718'] = 'running';
      const found = await stop(undefined, input, { ...keep, id });
      world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
      return stop(found, input, { ...keep, id });
    };

    expect(await once(servers, 'arn:keep:1')).toMatchObject({ outcome: 'stopped' });
    const { stoppedAt } = world.bucket.read('intent/crm') as { stoppedAt: string };
    vi.setSystemTime('2026-12-06T15:00:00.000Z');
    expect(await once({ ...servers, stoppedAt }, 'arn:keep:2')).toMatchObject({
      outcome: 'stopped',
      foundOn: ['server web-1'],
    });
  });

  it.each(['failed', 'inaccessible-encryption-credentials-recoverable'])(
    'does not wait a day for a database that is "%s"',
    async (status) => {
      world.database = status;

      await expect(stop()).rejects.toMatchObject({ name: 'DatabaseDidNotStop' });
    },
  );

  it('gives up after a day and names the state', async () => {
    world.database = 'starting';
    const waiting = await stop();
    vi.setSystemTime('2026-12-05T15:01:00.000Z');

    await expect(stop(waiting)).rejects.toMatchObject({
      name: 'DatabaseDidNotStop',
      message: expect.stringContaining('still "starting" after 24 h'),
    });
  });

  it('notes nothing when the mark cannot be written, so that it is tried again', async () => {
    world.database = 'stopped';
    world.bucket.mock.on(PutObjectCommand).rejects(awsError('ServiceUnavailable', 503));

    await expect(stop()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });
});

describe('stopping servers again, by policy', () => {
  const byHand: KeepInput = { ...forced, cause: 'started-by-hand', targets: ['database', 'servers'] };

  it('stops those that run and leaves the others alone', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';

    const first = await stop(undefined, byHand);
    world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
    const last = await stop(first, byHand);

    expect(first).toMatchObject({ done: false, foundOn: ['server web-1'] });
    expect(last).toMatchObject({ done: true, outcome: 'stopped', foundOn: ['server web-1'] });
    const stopped = world.ec2
      .commandCalls(StopInstancesCommand)
      .map((call) => call.args[0].input.InstanceIds);
    expect(stopped).toEqual([['i-0a1b2c3d4e5f60718']]);
  });

  it('waits for a server that is still starting', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'pending';

    expect(await stop(undefined, byHand)).toMatchObject({ done: false });
    expect(world.ec2.commandCalls(StopInstancesCommand)).toHaveLength(0);
  });

  it('takes a terminated server for off', async () => {
    world.servers = { 'i-0b1c2d3e4f5061728': 'terminated' };

    expect(await stop(undefined, byHand)).toMatchObject({ done: true });
  });

  it('gives up on a server after an hour and names it', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';
    const waiting = await stop(undefined, byHand);
    vi.setSystemTime('2026-12-04T16:01:00.000Z');

    await expect(stop(waiting, byHand)).rejects.toMatchObject({
      name: 'ServerDidNotStop',
      message: expect.stringContaining('web-1 is "stopping"'),
    });
  });
});

describe('telling', () => {
  const kept = {
    done: true,
    waitSeconds: 0,
    since: keep.startTime,
    outcome: 'stopped',
    foundOn: ['database crm-db'],
    states: { 'database crm-db': 'stopped' },
  };
  const tell = (changes: object) =>
    handler({
      action: 'tell',
      execution: keep,
      state: { ...forced, kept: { ...kept, ...changes } },
    } as KeepEvent);

  it('tells the operators what was stopped again and why', async () => {
    expect(await tell({})).toEqual({ sent: 1 });

    const [mail] = await world.mails();
    expect(mail?.to).toBe('ops@example.com');
    expect(mail?.subject).toBe('Sunrise CRM: database crm-db was started and is stopped again');
    expect(mail?.text).toContain('RDS starts a stopped database by itself after seven days');
    expect(mail?.text).toContain('lights-out release --system crm');
  });

  it('fails when SES refuses everybody: the alarm tells them by another way', async () => {
    world.ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected'));

    await expect(tell({})).rejects.toMatchObject({ name: 'MessageRejected' });
  });

  it.each(['found-off', 'left'])('tells nobody when the outcome is %s', async (outcome) => {
    expect(await tell({ outcome })).toEqual({ sent: 0 });
    expect(await world.mails()).toEqual([]);
  });
});

it('refuses an action that it does not know', async () => {
  await expect(handler({ action: 'start', execution: keep, state: forced } as never)).rejects.toMatchObject({
    name: 'InvalidInput',
  });
});
