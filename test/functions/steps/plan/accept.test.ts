import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler, type PlanEvent } from '../../../../functions/steps/plan/handler.ts';
import { allowNothing, Bucket, execution, plan, planned, RUN_ID, runContext } from '../../fixtures.ts';

const sfn = mockClient(SFNClient);
let bucket: Bucket;
const accept = (more: object = {}) =>
  handler({
    action: 'accept',
    execution,
    state: planned({ inspection: { reachable: true, databases: [], sessions: 0, reasons: [] }, ...more }),
  } as unknown as PlanEvent);
const reason = (resource: string) => ({ resource, problem: 'is wrong', remedy: 'mend it' });

allowNothing(sfn);
beforeEach(() => {
  bucket = new Bucket();
});

describe('plan accept', () => {
  it('stores the plan and takes the lock; called again, it finds its own', async () => {
    expect(await accept()).toMatchObject({ planKey: `runs/crm/${RUN_ID}/plan.json` });
    expect(bucket.read('locks/crm')).toMatchObject({ runId: RUN_ID, executionArn: execution.id });
    expect(await accept()).toMatchObject({ planKey: `runs/crm/${RUN_ID}/plan.json` });
  });

  it('refuses with every reason of both looks, and takes no lock', async () => {
    const inspection = { reachable: true, databases: [], sessions: 0, reasons: [reason('database crm-db')] };

    await expect(
      accept({ plan: plan({ reasons: [reason('server web-1'), reason('sender')] }), inspection }),
    ).rejects.toMatchObject({
      name: 'PlanRejected',
      message: expect.stringMatching(/server web-1.*sender.*database crm-db/s),
    });
    expect(bucket.objects.has('locks/crm')).toBe(false);
  });

  it.each([
    ['is held', {}, 'Held'],
    ['is held, and forced', { force: true }, undefined],
    ['is held, in an emergency', { emergency: true }, undefined],
    ['is held, and only proves a backup', { onlyProve: true }, undefined],
  ])('a run that %s', async (_name, more, error) => {
    const by = { kind: 'user', id: 'arn:aws:iam::123456789012:user/anna', name: 'anna' };
    const [from, until] = ['2026-11-27T00:00:00.000Z', '2026-11-28T00:00:00.000Z'];
    bucket.put('holds/crm.json', { holds: [{ id: 'h', from, until, reason: 'Fair', by, at: from }] });
    const call = accept({ run: runContext(more as object) });

    if (error === undefined) await expect(call).resolves.toMatchObject({});
    else await expect(call).rejects.toMatchObject({ name: error });
    expect(bucket.objects.has('locks/crm')).toBe(error === undefined);
  });

  it('takes no lock for a dry run', async () => {
    await accept({ run: runContext({ dryRun: true }) });

    expect(bucket.objects.has('locks/crm')).toBe(false);
  });

  it('names the run that holds the lock, and takes it over when that run is over', async () => {
    bucket.put('locks/crm', {
      runId: 'other-run',
      executionArn: 'arn:other',
      since: '2026-11-27T13:00:00.000Z',
    });
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await expect(accept()).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringContaining('other-run'),
    });

    sfn.on(DescribeExecutionCommand).resolves({ status: 'ABORTED' });
    await expect(accept()).rejects.toMatchObject({ name: 'RunInProgress' });
    bucket.put('runs/crm/other-run/certificate.json', {});
    expect(await accept()).toMatchObject({ takenOverFrom: 'other-run' });
  });

  it('says that another run is at work rather than what it found of that run’s doing', async () => {
    bucket.put('locks/crm', { runId: 'other-run', executionArn: 'arn:other', since: 'x' });
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    const found = plan({ reasons: [reason('server web-1')] });

    await expect(accept({ plan: found })).rejects.toMatchObject({
      name: 'RunInProgress',
      message: expect.stringContaining('arn:other'),
    });
    // A dry run asks what is wrong with the system, and hears it.
    await expect(accept({ plan: found, run: runContext({ dryRun: true }) })).rejects.toMatchObject({
      name: 'PlanRejected',
    });
  });

  it('clears the mark of an earlier shutdown, since everything was found on', async () => {
    bucket.put('intent/crm', { wanted: 'off', since: 'x', by: 'run earlier', stoppedAgain: 0 });

    await accept();

    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'on', by: `run ${RUN_ID}` });
  });

  it('leaves the mark in a dry run', async () => {
    bucket.put('intent/crm', { wanted: 'off', since: 'x', by: 'run earlier', stoppedAgain: 0 });

    await accept({ run: runContext({ dryRun: true }) });

    expect(bucket.read('intent/crm')).toMatchObject({ wanted: 'off' });
  });
});

describe('plan confirm', () => {
  const confirm = () => handler({ action: 'confirm', execution, state: { run: runContext() } });

  it('finds the lock still held by this run', async () => {
    bucket.put('locks/crm', { runId: RUN_ID, executionArn: execution.id, since: 'x' });

    expect(await confirm()).toEqual({ held: true, isLookFresh: true });
  });

  it('refuses a run that was cleaned up meanwhile', async () => {
    await expect(confirm()).rejects.toMatchObject({ name: 'LockLost' });
  });
});
