import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Manifest } from '../../../../engines/manifest.ts';
import { recordManifest } from '../../../../engines/recorder.ts';
import { writtenSince } from '../../../../engines/write-signs.ts';
import type { SourceLook } from '../../../../functions/contract/last-look.ts';
import { handler, type VerifyEvent } from '../../../../functions/steps/verify/handler.ts';
import { Bucket, execution, planned, RUN_ID, standStill, system } from '../../fixtures.ts';

vi.mock('../../../../engines/recorder.ts', () => ({ recordManifest: vi.fn() }));
vi.mock('../../../../engines/write-signs.ts', () => ({ writtenSince: vi.fn() }));
vi.mock('../../../../engines/locate.ts', () => ({ locateDifferences: async (found: unknown) => found }));
vi.mock('../../../../functions/databases/system-engine.ts', () => ({
  engineOfSystem: async () => ({ engine: { describe: String, locator: vi.fn() }, user: 'reader' }),
}));

const recorded = vi.mocked(recordManifest);
const folder = `runs/crm/${RUN_ID}`;
let bucket: Bucket;

/** A server whose tables have these digests. */
const manifest = (...digests: string[]): Manifest => ({
  engine: 'postgres',
  engineVersion: '17.4',
  server: { address: 'crm-db.example', port: 5432, startedAt: '2026-01-01T00:00:00.000Z' },
  recordedAt: '2026-11-27T15:04:00.000Z',
  databases: [
    {
      name: 'crm',
      schema: {},
      sequences: {},
      tables: digests.map((digest, index) => ({ name: `"public"."t${index}"`, rows: 3, digest })),
      notCompared: [],
    },
  ],
});
const explain = async (): Promise<SourceLook> =>
  (await handler({
    action: 'explain',
    execution,
    state: { ...planned({}), config: system() },
  } as unknown as VerifyEvent)) as SourceLook;
const verification = () =>
  bucket.read(`${folder}/verification.json`) as { equal: boolean; live?: { written: object[] } };

/** What was read before the snapshot, what the copy holds, and what the source holds now. */
function readings(before: Manifest, copy: Manifest, now: Manifest): void {
  bucket.put(`${folder}/manifest-source.json`, before);
  bucket.put(`${folder}/manifest-restored.json`, copy);
  bucket.put(`${folder}/verification.json`, {
    equal: false,
    differences: [{ object: 'crm: "public"."t0"' }],
  });
  recorded.mockResolvedValue({ manifest: now, complete: true });
}

standStill('2026-11-27T15:05:00.000Z');
beforeEach(() => {
  bucket = new Bucket();
  recorded.mockReset();
  // Counters that say nothing: the readings alone decide.
  vi.mocked(writtenSince).mockResolvedValue({ wrote: 'unclear', detail: 'its log went on', objects: [] });
});

describe('verify explain', () => {
  it('says the same when it is asked again because its answer was lost', async () => {
    readings(manifest('1', '1'), manifest('2', '1'), manifest('2', '1'));

    const first = await explain();
    const found = verification();
    expect(await explain()).toEqual(first);

    expect(first).toMatchObject({ done: true, wrote: 'something', objects: ['crm: "public"."t0"'] });
    expect(found).toMatchObject({ equal: true, live: { written: [{ copy: 'after' }] } });
    expect(verification()).toEqual(found);
  });

  it('proves nothing where every table was written to on both sides of the snapshot', async () => {
    readings(manifest('1', '1'), manifest('2', '2'), manifest('3', '3'));

    await expect(explain()).rejects.toThrow(/^every table was written to .*start the run again/);
  });

  it('names what differs though nobody wrote to it, and keeps that as evidence', async () => {
    readings(manifest('1', '1'), manifest('1', '2'), manifest('1', '1'));

    await expect(explain()).rejects.toMatchObject({ name: 'VerificationMismatch' });
    expect(verification()).toMatchObject({ equal: false, differences: [{ object: 'crm: "public"."t1"' }] });
  });

  it('reads the source no second time where the copy is as it was', async () => {
    readings(manifest('1'), manifest('1'), manifest('9'));

    expect(await explain()).toMatchObject({ done: true, objects: [] });
    expect(recorded).not.toHaveBeenCalled();
  });
});
