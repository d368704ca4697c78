import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Manifest } from '../../../../engines/manifest.ts';
import { recordManifest } from '../../../../engines/recorder.ts';
import { type WriteSigns, writtenSince } from '../../../../engines/write-signs.ts';
import type { SourceLook } from '../../../../functions/contract/last-look.ts';
import { isLookFresh } from '../../../../functions/databases/last-look.ts';
import { handler, type VerifyEvent } from '../../../../functions/steps/verify/handler.ts';
import { Bucket, execution, planned, RUN_ID, standStill, system } from '../../fixtures.ts';

vi.mock('../../../../engines/recorder.ts', () => ({ recordManifest: vi.fn() }));
vi.mock('../../../../engines/write-signs.ts', () => ({ writtenSince: vi.fn() }));
vi.mock('../../../../functions/databases/system-engine.ts', () => ({
  engineOfSystem: async () => ({ engine: { describe: String }, user: 'reader' }),
}));

const recorded = vi.mocked(recordManifest);
const asked = vi.mocked(writtenSince);
const folder = `runs/crm/${RUN_ID}`;
const WRITTEN: WriteSigns = {
  wrote: 'something',
  detail: 'counted',
  objects: ['crm: "public"."t\u001b[2K"'],
};
const UNCLEAR: WriteSigns = { wrote: 'unclear', detail: 'its log went on', objects: [] };
const NOTHING: WriteSigns = { wrote: 'nothing', detail: 'nothing', objects: [] };
let bucket: Bucket;

const manifest = (digest = '17', rows = 3): Manifest => ({
  engine: 'postgres',
  engineVersion: '17.4',
  server: { address: 'crm-db.example', port: 5432, startedAt: '2026-01-01T00:00:00.000Z' },
  recordedAt: '2026-11-27T15:04:00.000Z',
  databases: [
    {
      name: 'crm',
      schema: {},
      sequences: {},
      tables: [{ name: '"public"."t"', rows, digest }],
      notCompared: [],
    },
  ],
});

const confirm = async (
  lateWrites: 'roll-back' | 'compare-again',
  sourceLook?: SourceLook,
): Promise<SourceLook> =>
  (await handler({
    action: 'confirm',
    execution,
    state: { ...planned({ sourceLook }), config: system({ lateWrites }) },
  } as unknown as VerifyEvent)) as SourceLook;

standStill('2026-11-27T15:05:00.000Z');
beforeEach(() => {
  bucket = new Bucket();
  bucket.put(`${folder}/manifest-source.json`, manifest());
  recorded.mockReset();
  asked.mockReset();
  asked.mockResolvedValue(NOTHING);
});

describe('verify confirm', () => {
  it('is done within one call where nothing was written, and reads no row', async () => {
    expect(await confirm('roll-back')).toMatchObject({
      done: true,
      wrote: 'nothing',
      at: '2026-11-27T15:05:00.000Z',
    });
    expect(recorded).not.toHaveBeenCalled();
  });

  it('rolls back at once by default, and shows a name without its control characters', async () => {
    asked.mockResolvedValue(WRITTEN);

    await expect(confirm('roll-back')).rejects.toMatchObject({
      name: 'SourceChanged',
      message: expect.stringContaining('crm: "public"."t\\u001b[2K"'),
    });
    expect(bucket.read(`${folder}/last-look.json`)).toMatchObject({ outdated: true, wrote: 'something' });
    expect(recorded).not.toHaveBeenCalled();
  });

  it.each(['roll-back', 'compare-again'] as const)(
    'reads the source once more where its counters cannot tell, with %s',
    async (policy) => {
      asked.mockResolvedValueOnce(UNCLEAR);
      const first = await confirm(policy);
      expect(first).toMatchObject({ done: false, wrote: 'unclear' });

      recorded.mockResolvedValueOnce({ manifest: { ...manifest(), incomplete: true }, complete: false });
      const second = await confirm(policy, first);
      expect(second).toMatchObject({ done: false, reading: first.reading });

      recorded.mockResolvedValueOnce({ manifest: manifest(), complete: true });
      expect(await confirm(policy, second)).toMatchObject({ done: true, wrote: 'unclear' });
      expect(bucket.read(`${folder}/last-look.json`)).toMatchObject({ compared: { equal: true } });
    },
  );

  it('rolls back where it differs then, with what was there at the backup and now', async () => {
    asked.mockResolvedValueOnce(WRITTEN);
    const first = await confirm('compare-again');
    recorded.mockResolvedValueOnce({ manifest: manifest('18', 4), complete: true });

    await expect(confirm('compare-again', first)).rejects.toMatchObject({ name: 'SourceChanged' });
    expect(bucket.read(`${folder}/last-look.json`)).toMatchObject({
      outdated: true,
      compared: { equal: false, differences: [{ detail: '3 rows at the backup, 4 now' }] },
    });
  });

  it('rolls back where it is written to while it is read', async () => {
    asked.mockResolvedValueOnce(UNCLEAR).mockResolvedValueOnce(WRITTEN);
    const first = await confirm('compare-again');
    recorded.mockResolvedValueOnce({ manifest: manifest(), complete: true });

    await expect(confirm('compare-again', first)).rejects.toMatchObject({
      name: 'SourceChanged',
      message: expect.stringContaining('still written to'),
    });
  });

  it('hands batches of a large database to the workflow, and takes none of an earlier look', async () => {
    asked.mockResolvedValue(UNCLEAR);
    const earlier = { ...(await confirm('compare-again')), done: true, endedAt: '' } as SourceLook;
    vi.setSystemTime('2026-11-27T16:05:00.000Z');
    const first = await confirm('compare-again', earlier);
    expect(first.reading).not.toBe(earlier.reading);

    const batches = [{ database: 'crm', units: [], bytes: 1 }] as never;
    recorded.mockResolvedValueOnce({ manifest: manifest(), complete: false, batches });
    const spread = await confirm('compare-again', first);
    expect(spread.spread).toMatchObject({ mode: 'inline', count: 1 });
    expect(bucket.read(`${folder}/batches/again-${first.reading}.json`)).toBeDefined();
  });

  it('takes what cannot be asked for a reason to read, never for nothing', async () => {
    asked.mockRejectedValueOnce(new Error('no answer'));

    expect(await confirm('roll-back')).toMatchObject({ done: false, wrote: 'unclear' });
  });
});

describe('the age of the last look', () => {
  const looked = (minutesAgo: number) => ({
    sourceLook: {
      done: true,
      endedAt: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    } as SourceLook,
  });

  it('is fresh for a quarter of an hour', () => {
    expect(isLookFresh(looked(14))).toBe(true);
    expect(isLookFresh(looked(16))).toBe(false);
    expect(isLookFresh({})).toBe(true);
  });
});
