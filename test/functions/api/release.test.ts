import { beforeEach, describe, expect, it } from 'vitest';
import { execution } from '../fixtures.ts';
import { ALICE, apiOfTest, call } from './signed-calls.ts';

const api = apiOfTest();

describe('releasing a system', () => {
  const release = (body: unknown = {}, system = 'crm') =>
    call('POST /systems/{name}/release', { name: system }, body, ALICE);

  beforeEach(() => {
    api.bucket.put('intent/crm', {
      wanted: 'off',
      since: 'friday',
      by: 'run 1',
      run: { id: '1' },
      stoppedAgain: 0,
    });
  });

  it('clears the mark, with who, when and why', async () => {
    expect(await release({ reason: 'Monday morning' })).toMatchObject({
      status: 200,
      body: { system: 'crm', released: true, by: ALICE },
    });
    expect(api.bucket.read('intent/crm')).toMatchObject({
      wanted: 'on',
      by: ALICE,
      reason: 'Monday morning',
    });
  });

  it('is harmless twice, and says who was first', async () => {
    await release({ reason: 'first' });

    expect(await release({ reason: 'second' })).toMatchObject({
      status: 200,
      body: { released: false, by: ALICE },
    });
    expect(api.bucket.read('intent/crm')).toMatchObject({ reason: 'first' });
  });

  it('is refused while a run is in progress', async () => {
    api.bucket.put('locks/crm', { runId: 'r1', executionArn: execution.id, since: 'x' });

    expect(await release()).toMatchObject({ status: 409, body: { error: expect.stringContaining('r1') } });
    expect(api.bucket.read('intent/crm')).toMatchObject({ wanted: 'off' });
  });

  it.each([
    ['another system', {}, 'erp', 404],
    ['an unknown key', { by: 'me' }, 'crm', 400],
    ['an empty reason', { reason: '' }, 'crm', 400],
  ])('is refused for %s', async (_name, body, system, status) => {
    expect(await release(body, system)).toMatchObject({ status });
    expect(api.bucket.read('intent/crm')).toMatchObject({ wanted: 'off' });
  });

  it('is refused when nobody signed', async () => {
    const answer = await call('POST /systems/{name}/release', { name: 'crm' }, {}, undefined);

    expect(answer.status).toBe(403);
  });
});
