import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readBatch } from '../../../../engines/batches.ts';
import { recordManifest } from '../../../../engines/recorder.ts';
import { ErrorName, LightsOutError } from '../../../../functions/contract/errors.ts';
import { handler } from '../../../../functions/steps/verify/handler.ts';
import { Bucket, execution, standStill } from '../../fixtures.ts';
import { STARTUP_FOLDER } from '../../startup-world.ts';
import { ACCEPT, begun, confirm, EVIDENCE, event, full, manifest, SOURCE } from './returning.ts';

vi.mock('../../../../engines/recorder.ts', () => ({ recordManifest: vi.fn() }));
vi.mock('../../../../engines/batches.ts', () => ({ addBatch: vi.fn(), readBatch: vi.fn() }));
vi.mock('../../../../functions/databases/system-engine.ts', () => ({
  engineOfSystem: vi.fn(async () => ({ engine: { describe: String }, user: 'reader' })),
}));

const recorded = vi.mocked(recordManifest);
const AWAY = new LightsOutError(ErrorName.DatabaseUnreachable, 'connection refused');
let bucket: Bucket;

standStill(execution.startTime);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  bucket = new Bucket();
  bucket.put(SOURCE, manifest());
  recorded.mockReset();
});

describe('reading what comes back', () => {
  it('goes on where an earlier call stopped', async () => {
    recorded.mockResolvedValueOnce({ manifest: { ...manifest(), incomplete: true }, complete: false });
    const first = await confirm();
    expect(first).toMatchObject({ done: false, waitSeconds: 1, outcome: 'under way', equal: false, rows: 3 });
    expect(bucket.read(EVIDENCE)).toBeUndefined();

    recorded.mockResolvedValueOnce({ manifest: manifest(), complete: true });
    expect(await confirm({ previous: first })).toMatchObject({
      done: true,
      outcome: 'equal',
      since: first.since,
    });
    expect(recorded.mock.lastCall?.[1].resume).toEqual({ ...manifest(), incomplete: true });
  });

  it('hands the batches of a large database to the workflow, which each call reads by itself', async () => {
    const batches = [{ database: 'crm', units: [], bytes: 1 }] as never;
    recorded.mockResolvedValueOnce({ manifest: manifest(), complete: false, batches });

    expect(await confirm()).toMatchObject({
      done: false,
      spread: { mode: 'inline', count: 1, items: [{ batch: 0 }] },
    });
    expect(bucket.read(`${STARTUP_FOLDER}/batches/again-return.json`)).toBeDefined();

    vi.mocked(readBatch).mockResolvedValueOnce({ read: [null], complete: false } as never);
    expect(await handler({ ...event('read-return'), batch: 0 })).toEqual({ done: false, waitSeconds: 1 });
    vi.mocked(readBatch).mockResolvedValueOnce({ read: [[]], complete: true } as never);
    expect(await handler({ ...event('read-return'), batch: 0 })).toEqual({ done: true, waitSeconds: 0 });
    // A repeat after a lost answer reads nothing again.
    expect(await handler({ ...event('read-return'), batch: 0 })).toEqual({ done: true, waitSeconds: 0 });
    expect(readBatch).toHaveBeenCalledTimes(2);
  });

  it('reads no batch that no call has planned', async () => {
    await expect(handler({ ...event('read-return'), batch: 7 })).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringContaining('batch 7'),
    });
  });

  it.each([0, 15 * 60])(
    'waits for a database that does not answer %s seconds after the begin',
    async (seconds) => {
      recorded.mockRejectedValue(AWAY);

      const found = await confirm({ previous: begun(seconds) });
      expect(found).toMatchObject({ done: false, outcome: 'under way' });
      expect(found.waitSeconds).toBeGreaterThanOrEqual(15);
      expect(bucket.read(EVIDENCE)).toBeUndefined();
    },
  );

  it('throws that it does not answer after a quarter of an hour', async () => {
    recorded.mockRejectedValue(AWAY);

    await expect(confirm({ previous: begun(15 * 60 + 1) })).rejects.toMatchObject({
      name: 'DatabaseUnreachable',
    });
  });

  it('throws any other error at once', async () => {
    recorded.mockRejectedValue(new Error('out of memory'));

    await expect(confirm()).rejects.toThrow('out of memory');
  });
});

describe('a comparison that is not made', () => {
  const late = () => begun(2 * 3600);

  it('in time keeps the system closed, on record, and reads no further', async () => {
    await expect(confirm({ previous: late(), startup: { confirmTimeoutMinutes: 60 } })).rejects.toMatchObject(
      {
        name: 'DataNotConfirmed',
        message: expect.stringContaining(
          'not read to the end within 60 minutes (startup.confirmTimeoutMinutes)',
        ),
      },
    );
    expect(bucket.read(EVIDENCE)).toMatchObject({ outcome: 'not-confirmed', why: expect.any(String) });
    expect(recorded).not.toHaveBeenCalled();
  });

  it('in time lets the system start where the configuration says so', async () => {
    const startup = { confirmTimeoutMinutes: 60, unconfirmed: 'go-on' as const };

    expect(await confirm({ previous: late(), startup })).toMatchObject({
      done: true,
      outcome: 'not-confirmed',
    });
    expect(recorded).not.toHaveBeenCalled();
  });

  it('goes on until its deadline', async () => {
    recorded.mockResolvedValueOnce({ manifest: manifest(), complete: true });

    expect(await confirm({ previous: late(), startup: { confirmTimeoutMinutes: 120 } })).toMatchObject({
      outcome: 'equal',
    });
  });

  const arrangements: [string, () => void, RegExp][] = [
    [
      'what was recorded is not there',
      () => bucket.objects.delete(SOURCE),
      /what the shutdown recorded is not in the evidence bucket/,
    ],
    [
      'what was recorded is not complete',
      () => bucket.put(SOURCE, { ...manifest(), incomplete: true }),
      /what the shutdown recorded is not complete in the evidence bucket/,
    ],
    [
      'the database was upgraded meanwhile',
      () =>
        recorded.mockResolvedValue({ manifest: { ...manifest(), engineVersion: '18.0' }, complete: true }),
      /postgres 17\.4, .* postgres 18\.0/,
    ],
    [
      'a privilege is missing',
      () =>
        recorded.mockRejectedValue(new LightsOutError(ErrorName.VerificationImpossible, 'no SELECT on t')),
      /no SELECT on t/,
    ],
  ];

  it.each(arrangements)('keeps the system closed, on record, when %s', async (_case, arrange, words) => {
    arrange();

    await expect(confirm()).rejects.toMatchObject({
      name: 'DataNotConfirmed',
      message: expect.stringMatching(words),
    });
    expect(bucket.read(EVIDENCE)).toMatchObject({
      outcome: 'not-confirmed',
      equal: false,
      why: expect.stringMatching(words),
    });
  });

  it.each(arrangements)('lets the system start by a person’s word when %s', async (_case, arrange, words) => {
    arrange();

    expect(await confirm({ plan: full(ACCEPT) })).toMatchObject({
      done: true,
      outcome: 'accepted',
      equal: false,
      accepted: ACCEPT,
      why: expect.stringMatching(words),
    });
  });

  it.each(arrangements)(
    'lets the system start by the configuration’s word when %s',
    async (_case, arrange) => {
      arrange();

      expect(await confirm({ startup: { unconfirmed: 'go-on' } })).toMatchObject({
        done: true,
        outcome: 'not-confirmed',
      });
    },
  );
});
