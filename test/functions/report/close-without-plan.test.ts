import { describe, expect, it, vi } from 'vitest';
import { execution, RUN_ID, runContext, standStill, systemInput } from '../fixtures.ts';
import { textOf } from './markup.ts';
import { notBegun, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

standStill();

describe('closing a run that never had a plan', () => {
  const refused = {
    failure: { Error: 'InvalidInput', Cause: '{"errorMessage":"input.at: expected a time"}' },
  };
  const withParameter = (value: unknown = systemInput()): World => {
    const world = new World({ ...notBegun(), state: {} });
    world.storeConfiguration(value);
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
