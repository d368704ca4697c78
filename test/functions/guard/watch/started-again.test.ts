import { DescribeEventsCommand } from '@aws-sdk/client-rds';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../../functions/guard/watch/handler.ts';
import { awsError, RUN_ID, standStill } from '../../fixtures.ts';
import { OFF_SINCE, WatchWorld } from '../../watch-world.ts';
import { hour, rdsEvent } from './events.ts';

const FORCED = 'DB instance is being started due to it exceeding the maximum allowed time being stopped.';
let world: WatchWorld;

standStill('2026-12-04T15:00:00.000Z');
beforeEach(() => {
  world = new WatchWorld();
});

describe('the watch', () => {
  it('finds everything off', async () => {
    expect(await handler(hour)).toMatchObject({ outcome: 'off', sent: 0 });
    expect(world.started).toEqual([]);
  });

  it.each([
    ['meant to be on', () => world.mark({ wanted: 'on' }), 'meant to be on'],
    ['no shutdown was ever finished', () => world.bucket.objects.delete('intent/crm'), 'meant to be on'],
    ['a run is in progress', () => world.lock('RUNNING'), 'run in progress'],
  ])('leaves everything alone: %s', async (_name, change, outcome) => {
    world.database = 'available';
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';
    change();

    expect(await handler(rdsEvent('RDS-EVENT-0154'))).toMatchObject({ outcome, sent: 0 });
    expect(world.started).toEqual([]);
    expect(await world.mails()).toEqual([]);
  });

  it.each(['RDS-EVENT-0154', 'RDS-EVENT-0153'])('hands on what RDS started by itself (%s)', async (id) => {
    world.database = 'starting';

    expect(await handler(rdsEvent(id))).toMatchObject({ forced: ['database crm-db'], byHand: [], sent: 0 });
    expect(world.started).toEqual([
      { cause: 'forced-start', targets: ['database'], runId: RUN_ID, stoppedAt: OFF_SINCE },
    ]);
  });

  it('finds it out from the list of RDS when the event was lost', async () => {
    world.database = 'available';
    world.events = ['DB instance stopped.', FORCED, 'DB instance started.'];

    expect(await handler(hour)).toMatchObject({ forced: ['database crm-db'] });
    expect(world.started).toHaveLength(1);
    expect(world.rds.commandCalls(DescribeEventsCommand)[0]?.args[0].input).toMatchObject({
      SourceIdentifier: 'crm-db',
      SourceType: 'db-instance',
      StartTime: new Date(OFF_SINCE),
      // Without it a request may mean an hour only.
      EndTime: new Date(),
    });
  });

  it('finds it on a later page of a list that is long', async () => {
    world.database = 'available';
    world.rds.on(DescribeEventsCommand).callsFake(({ Marker }) => ({
      Events: [{ Message: Marker === '1' ? FORCED : 'Finished DB instance backup' }],
      ...(Marker === undefined ? { Marker: '1' } : {}),
    }));

    expect(await handler(hour)).toMatchObject({ forced: ['database crm-db'] });
  });

  it('starts the same execution for the same start, however often it is told', async () => {
    world.database = 'starting';
    await handler(rdsEvent('RDS-EVENT-0154'));
    world.sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));

    await expect(handler(rdsEvent('RDS-EVENT-0154'))).resolves.toMatchObject({ outcome: 'started' });
    const names = world.sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input.name);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
    vi.setSystemTime('2026-12-04T16:00:00.000Z');
    world.events = [FORCED];
    await handler(hour);
    expect(world.sfn.commandCalls(StartExecutionCommand).at(-1)?.args[0].input.name).not.toBe(names[0]);
  });

  it('never takes a forced start of an earlier week for one of now', async () => {
    world.mark({ stoppedAt: '2026-12-04T14:00:00.000Z' });
    world.database = 'available';

    expect(await handler(hour)).toMatchObject({ forced: [], byHand: ['database crm-db'] });
    expect(world.rds.commandCalls(DescribeEventsCommand)[0]?.args[0].input.StartTime).toEqual(
      new Date('2026-12-04T14:00:00.000Z'),
    );
  });

  it('asks RDS for no more than the fourteen days that it keeps', async () => {
    world.mark({ stoppedAt: '2026-10-01T00:00:00.000Z' });
    world.database = 'available';

    await handler(hour);

    const since = world.rds.commandCalls(DescribeEventsCommand)[0]?.args[0].input.StartTime?.getTime() ?? 0;
    expect(Date.now() - since).toBeLessThan(14 * 86_400_000);
  });
});

describe('what somebody started by hand', () => {
  it('is told to the operators, and not stopped by default', async () => {
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';

    expect(await handler(hour)).toMatchObject({ byHand: ['server web-1'], sent: 1 });

    expect(world.started).toEqual([]);
    const [mail] = await world.mails();
    expect(mail?.subject).toBe('Sunrise CRM is meant to be off, but somebody started server web-1');
    expect(mail?.text).toContain('Who started it is not known');
    expect(mail?.text).toContain('drift: "notify"');
  });

  it('is told once, and again only after it was off in between', async () => {
    world.database = 'available';
    expect(await handler(rdsEvent('RDS-EVENT-0088'))).toMatchObject({ sent: 1 });
    expect(await handler(hour)).toMatchObject({ sent: 0 });
    world.servers['i-0b1c2d3e4f5061728'] = 'running';
    expect(await handler(hour)).toMatchObject({ sent: 1 });
    world.database = 'stopped';
    world.servers['i-0b1c2d3e4f5061728'] = 'stopped';
    expect(await handler(hour)).toMatchObject({ outcome: 'off' });
    world.database = 'available';
    expect(await handler(hour)).toMatchObject({ sent: 1 });
  });

  it('is told with who it was, where CloudTrail says so', async () => {
    world.database = 'starting';

    await handler({
      source: 'aws.rds',
      'detail-type': 'AWS API Call via CloudTrail',
      detail: {
        eventName: 'StartDBInstance',
        userIdentity: { arn: 'arn:aws:iam::123456789012:user/wang' },
      },
    });

    expect((await world.mails())[0]?.text).toContain('Started by arn:aws:iam::123456789012:user/wang');
  });

  it('is stopped again by policy, and told', async () => {
    world = new WatchWorld({ drift: 'stop' });
    world.database = 'available';
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';

    await handler(hour);

    expect(world.started).toEqual([
      { cause: 'started-by-hand', targets: ['database', 'servers'], runId: RUN_ID, stoppedAt: OFF_SINCE },
    ]);
    expect((await world.mails())[0]?.text).toContain('drift: "stop"');
  });

  it('is never stopped again after a shutdown that somebody stopped on its way', async () => {
    world = new WatchWorld({ drift: 'stop' });
    world.mark({ aborted: true });
    world.database = 'available';

    expect(await handler(hour)).toMatchObject({ byHand: ['database crm-db'], sent: 1 });

    expect(world.started).toEqual([]);
    const text = (await world.mails())[0]?.text;
    expect(text).toContain('stopped by hand on its way, so what people start stays on');
    expect(text).not.toContain('drift:');
  });

  it('is not what the shutdown itself could not switch off and has told already', async () => {
    world.mark({ stillOn: ['server web-1'] });
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';

    expect(await handler(hour)).toMatchObject({ byHand: ['server web-1'], sent: 0 });
    world.servers['i-0a1b2c3d4e5f60718'] = 'stopped';
    await handler(hour);
    world.servers['i-0a1b2c3d4e5f60718'] = 'running';
    expect(await handler(hour)).toMatchObject({ sent: 1 });
  });

  it('is told also when what stops it could not be started, which is tried again', async () => {
    world.configure({ drift: 'stop' });
    world.database = 'available';
    world.sfn.on(StartExecutionCommand).rejects(awsError('AccessDeniedException', 403));

    await expect(handler(hour)).rejects.toMatchObject({ name: 'AwsAccessDenied' });
    await expect(handler(hour)).rejects.toMatchObject({ name: 'AwsAccessDenied' });

    expect(await world.mails()).toHaveLength(1);
  });

  it('fails when SES refuses everybody, and is told once SES does not', async () => {
    world.database = 'available';
    world.ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected'));
    await expect(handler(hour)).rejects.toMatchObject({ name: 'MessageRejected' });
    world.ses.on(SendRawEmailCommand).resolves({});

    expect(await handler(hour)).toMatchObject({ sent: 1 });
  });

  it('is told again when the mail could not be sent', async () => {
    world.database = 'available';
    world.ses.on(SendRawEmailCommand).rejects(awsError('AccessDenied', 403));
    await expect(handler(hour)).rejects.toMatchObject({ name: 'AwsAccessDenied' });
    world.ses.on(SendRawEmailCommand).resolves({});

    expect(await handler(hour)).toMatchObject({ sent: 1 });
  });

  it.each([['failed'], [undefined]])('is not a database that is %s', async (status) => {
    world.database = status;

    expect(await handler(hour)).toMatchObject({ outcome: 'off', sent: 0 });
  });
});
