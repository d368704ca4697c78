import { beforeEach, describe, expect, it } from 'vitest';
import type { Hold } from '../../../functions/contract/holds.ts';
import { simulateTime } from '../fixtures.ts';
import { ALICE, apiOfTest, BOB, call } from './signed-calls.ts';

const api = apiOfTest();
const UNTIL = '2026-12-31T18:00:00+08:00';

const hold = (body: unknown = {}, system = 'crm') =>
  call('POST /systems/{name}/holds', { name: system }, body, ALICE);
const list = () => call('GET /systems/{name}/holds', { name: 'crm' }, '', ALICE);
const end = (id: string, by = BOB) => call('DELETE /systems/{name}/holds/{id}', { name: 'crm', id }, '', by);

describe('holding a system', () => {
  let clock: { now: number };
  beforeEach(() => {
    clock = simulateTime('2026-12-01T08:00:00.000Z');
  });

  it('keeps who, from when, until when and why', async () => {
    const { status, body } = await hold({ until: UNTIL, reason: 'Closing of the year' });

    expect(status).toBe(201);
    expect(body.hold).toEqual({
      id: expect.stringMatching(/^20261201T0800-[0-9a-f]{8}$/),
      from: '2026-12-01T08:00:00.000Z',
      until: '2026-12-31T10:00:00.000Z',
      reason: 'Closing of the year',
      by: { kind: 'user', id: ALICE, name: 'alice' },
      at: '2026-12-01T08:00:00.000Z',
    });
    expect((await list()).body.holds).toEqual([body.hold]);
  });

  it('shows those that are not over, and keeps the others on record', async () => {
    await hold({ until: '2026-12-01T09:00:00Z', reason: 'short' });
    await hold({ from: '2026-12-10T00:00:00Z', until: UNTIL, reason: 'to come' });
    clock.now += 2 * 3600_000;

    const { holds } = (await list()).body as { holds: Hold[] };
    expect(holds.map(({ reason }) => reason)).toEqual(['to come']);
    expect(api.bucket.read('holds/crm.json')).toMatchObject({ holds: [{ reason: 'short' }, {}] });
  });

  it('is ended before its time by anybody who may, once, on record', async () => {
    const { id } = (await hold({ until: UNTIL, reason: 'Fair' })).body.hold as Hold;

    expect(await end(id)).toMatchObject({ status: 200, body: { hold: { ended: { by: BOB } } } });
    expect(await end(id, ALICE)).toMatchObject({ status: 200, body: { hold: { ended: { by: BOB } } } });
    expect((await list()).body).toEqual({ holds: [] });
  });

  it('loses none of two holds that are asked for at one moment', async () => {
    await Promise.all([hold({ until: UNTIL, reason: 'one' }), hold({ until: UNTIL, reason: 'other' })]);

    expect((await list()).body.holds).toHaveLength(2);
  });

  it.each([
    ['no end', { reason: 'x' }, 'body.until: expected a time in ISO 8601 with its offset'],
    ['no reason', { until: UNTIL }, 'body.reason: expected'],
    ['an end that has passed', { until: '2026-11-30T00:00:00Z', reason: 'x' }, 'has passed'],
    ['an end without offset', { until: '2026-12-31T18:00:00', reason: 'x' }, 'body.until: expected a time'],
    [
      'an end before its beginning',
      { from: '2026-12-20T00:00:00Z', until: '2026-12-10T00:00:00Z', reason: 'x' },
      'is not after body.from',
    ],
    ['a hold for ever', { until: '2036-01-01T00:00:00Z', reason: 'x' }, 'is more than 92 days'],
    ['an unknown key', { until: UNTIL, reason: 'x', by: 'me' }, 'body.by: unknown key'],
  ])('is refused with %s', async (_name, body, words) => {
    const answer = await hold(body);

    expect(answer.status).toBe(400);
    expect(answer.body.problems).toEqual([expect.stringContaining(words)]);
    expect(api.bucket.objects.has('holds/crm.json')).toBe(false);
  });

  it('is refused for another system, and for a hold that there is not', async () => {
    expect(await hold({ until: UNTIL, reason: 'x' }, 'erp')).toMatchObject({ status: 404 });
    expect(await end('h-1')).toMatchObject({ status: 404 });
    expect(await call('GET /systems/{name}/holds', { name: 'erp' }, '', ALICE)).toMatchObject({
      status: 404,
    });
  });
});
