import { beforeEach, expect, it } from 'vitest';
import { principalOf } from '../../../../functions/guard/principals.ts';
import { readPutAway } from '../../../../functions/steps/wake/put-away.ts';
import { Bucket } from '../../fixtures.ts';
import { SHUTDOWN, SHUTDOWN_FOLDER } from '../../startup-world.ts';

const ANNA = principalOf('arn:aws:iam::123456789012:user/anna');
const MARK = { run: { id: SHUTDOWN, executionArn: 'arn:shutdown' } };
let bucket: Bucket;

beforeEach(() => {
  bucket = new Bucket();
  bucket.put(`${SHUTDOWN_FOLDER}/certificate.json`, {
    run: { requester: ANNA, backAt: '2026-11-28T00:00:00.000Z' },
    snapshot: { verified: true },
    outAt: '2026-11-25T14:00:00.000Z',
  });
  bucket.put(`${SHUTDOWN_FOLDER}/services-before.json`, [
    { name: 'api', server: 'app-1', state: 'active' },
    { name: 'jobs', server: 'app-1', state: 'inactive' },
    { name: 'sync', server: 'app-1', state: 'failed' },
    { name: 'mail', server: 'app-1', state: 'unknown' },
  ]);
  bucket.put(`${SHUTDOWN_FOLDER}/plan.json`, {
    plan: {
      servers: [
        { name: 'web-1', state: 'running' },
        { name: 'web-2', state: 'stopped' },
        { name: 'web-3', state: 'stopping' },
      ],
    },
  });
});

it('reads who asked, what was promised and what ran, from the shutdown’s evidence', async () => {
  const putAway = await readPutAway('crm', MARK);

  expect(putAway).toMatchObject({
    shutdown: { run: SHUTDOWN, verified: true, outAt: '2026-11-25T14:00:00.000Z' },
    backAt: '2026-11-28T00:00:00.000Z',
    requester: ANNA,
  });
  expect([...putAway.serversOff]).toEqual(['web-2']);
});

it.each([
  ['api', 'app-1', true],
  ['jobs', 'app-1', false],
  ['sync', 'app-1', true],
  ['mail', 'app-1', true],
  ['jobs', 'app-2', true],
  ['new', 'app-1', true],
])('service %s on %s belongs up: %s', async (name, server, expected) => {
  expect((await readPutAway('crm', MARK)).belongsUp({ name, server })).toBe(expected);
});

it.each<[string, object]>([
  ['says that it was not verified', { run: {}, snapshot: { verified: false } }],
  ['names no snapshot', { run: {} }],
])('a certificate that %s proves nothing', async (_case, certificate) => {
  bucket.put(`${SHUTDOWN_FOLDER}/certificate.json`, certificate);

  const putAway = await readPutAway('crm', MARK);
  expect(putAway.shutdown).toEqual({ run: SHUTDOWN, verified: false });
  expect(putAway.requester).toBe('unknown');
  expect(putAway).not.toHaveProperty('backAt');
});

it('a shutdown whose evidence is gone proves nothing, and everything comes up', async () => {
  bucket.objects.clear();

  const putAway = await readPutAway('crm', MARK);
  expect(putAway.shutdown).toEqual({ run: SHUTDOWN, verified: false });
  expect(putAway.serversOff.size).toBe(0);
  expect(putAway.belongsUp({ name: 'jobs', server: 'app-1' })).toBe(true);
});

it('takes from a shutdown that came to no good end only what ran before it', async () => {
  const putAway = await readPutAway('crm', { begun: SHUTDOWN });

  expect(putAway.shutdown).toBeUndefined();
  expect([...putAway.serversOff]).toEqual(['web-2']);
  expect(putAway.belongsUp({ name: 'jobs', server: 'app-1' })).toBe(false);
});

it('takes the shutdown that put the system away before one that only began', async () => {
  expect((await readPutAway('crm', { ...MARK, begun: 'another' })).shutdown?.run).toBe(SHUTDOWN);
});

it.each([undefined, {}])('with the mark %o no run has put the system away', async (mark) => {
  const putAway = await readPutAway('crm', mark);

  expect(putAway).toMatchObject({ shutdown: undefined, requester: 'unknown' });
  expect(putAway.belongsUp({ name: 'jobs', server: 'app-1' })).toBe(true);
  expect(bucket.mock.calls()).toEqual([]);
});
