import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Manifest } from '../../../../engines/manifest.ts';
import { recordManifest } from '../../../../engines/recorder.ts';
import type { SystemConfigInput } from '../../../../functions/contract/config.ts';
import type { ConfirmPlan } from '../../../../functions/contract/startup-state.ts';
import { Bucket, execution, standStill } from '../../fixtures.ts';
import { SHUTDOWN, STARTUP_FOLDER } from '../../startup-world.ts';
import { ACCEPT, confirm, EVIDENCE, full, manifest, SOURCE } from './returning.ts';

vi.mock('../../../../engines/recorder.ts', () => ({ recordManifest: vi.fn() }));
vi.mock('../../../../functions/databases/system-engine.ts', () => ({
  engineOfSystem: vi.fn(async () => ({ engine: { describe: String }, user: 'reader' })),
}));

const recorded = vi.mocked(recordManifest);
const IMPOSSIBLE: ConfirmPlan = { policy: 'impossible', why: 'server web-1 ran before the start-up' };
let bucket: Bucket;

const finds = (found: Manifest): void => {
  recorded.mockResolvedValue({ manifest: found, complete: true });
};

standStill(execution.startTime);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  bucket = new Bucket();
  bucket.put(SOURCE, manifest());
  recorded.mockReset();
});

describe('what comes back', () => {
  it('is equal to what was put away: confirmed, on record', async () => {
    finds(manifest());

    expect(await confirm()).toEqual({
      done: true,
      waitSeconds: 0,
      since: execution.startTime,
      outcome: 'equal',
      equal: true,
      tables: 1,
      rows: 3,
      key: EVIDENCE,
    });
    expect(bucket.read(EVIDENCE)).toMatchObject({
      outcome: 'equal',
      shutdown: SHUTDOWN,
      comparison: { equal: true, differences: [] },
    });
  });

  it('is read at the endpoint of now, like the shutdown’s manifest, and never as a copy', async () => {
    const { engineOfSystem } = await import('../../../../functions/databases/system-engine.ts');
    finds(manifest());

    await confirm();

    expect(vi.mocked(engineOfSystem).mock.lastCall?.[1]).toMatchObject({
      address: 'crm-db.example',
      port: 5433,
    });
    expect(recorded.mock.lastCall?.[1]).toMatchObject({ copy: false, like: manifest() });
    expect(bucket.read(SOURCE)).toEqual(manifest());
    expect(bucket.objects.has(`${STARTUP_FOLDER}/manifest-again-return.json`)).toBe(true);
  });

  it.each<[string, Manifest, RegExp]>([
    ['more rows', manifest({ t: [4, '18'] }), /in 1 object: crm: t \(.*3 rows at the shutdown, 4 now/],
    ['other contents', manifest({ t: [3, '18'] }), /in 1 object: crm: t \(/],
    ['a table less', manifest({}), /in 1 object: crm: t \(/],
    ['a table more', manifest({ t: [3, '17'], u: [0, '0'] }), /in 1 object: crm: u \(.*only .*now/],
  ])(
    'with %s ends the start-up, and the evidence says what differs before that',
    async (_case, found, words) => {
      finds(found);

      await expect(confirm()).rejects.toMatchObject({
        name: 'DataChanged',
        message: expect.stringMatching(words),
      });
      const kept = bucket.read(EVIDENCE) as { comparison: { differences: { detail: string }[] } };
      expect(kept).toMatchObject({ outcome: 'not-confirmed', equal: false, comparison: { equal: false } });
      expect(kept.comparison.differences).toHaveLength(1);
      expect(JSON.stringify(kept.comparison.differences)).not.toMatch(/in the (source|copy)/);
    },
  );

  it('names five objects of many, says how many more, and how to let it start all the same', async () => {
    const tables = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`t${index}`, [1, '1']]));
    bucket.put(SOURCE, manifest(tables as never));
    finds(manifest({}));

    const error = await confirm().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ message: expect.stringMatching(/in 8 objects: .*; and 3 more\./) });
    expect((error as Error).message).toContain('lights-out startup --accept-differences REASON');
    expect((error as Error).message).toContain(EVIDENCE);
  });

  it('shows a name without its control characters', async () => {
    finds(manifest({ t: [3, '17'], 'u\u001b[2K': [0, '0'] }));

    await expect(confirm()).rejects.toMatchObject({ message: expect.stringContaining('u\\u001b[2K') });
  });

  it('differs and is accepted, with who and why, and stays not equal', async () => {
    finds(manifest({ t: [4, '18'] }));

    expect(await confirm({ plan: full(ACCEPT) })).toMatchObject({
      done: true,
      outcome: 'accepted',
      equal: false,
      accepted: ACCEPT,
    });
    expect(bucket.read(EVIDENCE)).toMatchObject({
      outcome: 'accepted',
      accepted: ACCEPT,
      comparison: { equal: false },
    });
  });

  it('is equal although somebody would have accepted it: nothing was accepted', async () => {
    finds(manifest());

    const found = await confirm({ plan: full(ACCEPT) });
    expect(found).toMatchObject({ outcome: 'equal', equal: true });
    expect(found).not.toHaveProperty('accepted');
  });
});

describe('data that are not compared', () => {
  it.each([
    [undefined, 'not-confirmed'],
    [ACCEPT, 'accepted'],
  ] as const)(
    'by policy none, accepted by %o, are %s on record, and nothing is read',
    async (accept, outcome) => {
      const why = 'the configuration says not to';
      const plan: ConfirmPlan = { policy: 'none', why, ...(accept === undefined ? {} : { accept }) };

      expect(await confirm({ plan })).toMatchObject({ done: true, outcome, equal: false, why });
      expect(bucket.read(EVIDENCE)).toMatchObject({ outcome, why });
      expect(recorded).not.toHaveBeenCalled();
    },
  );

  it('because they cannot be keep the system closed by default, on record', async () => {
    await expect(confirm({ plan: IMPOSSIBLE })).rejects.toMatchObject({
      name: 'DataNotConfirmed',
      message: expect.stringMatching(
        /server web-1 ran before the start-up.*stay-closed.*--accept-differences/,
      ),
    });
    expect(bucket.read(EVIDENCE)).toMatchObject({
      outcome: 'not-confirmed',
      why: 'server web-1 ran before the start-up',
    });
  });

  it.each<[string, ConfirmPlan, NonNullable<SystemConfigInput['startup']>, string]>([
    ['the configuration says to go on', IMPOSSIBLE, { unconfirmed: 'go-on' }, 'not-confirmed'],
    ['a person accepts it', { ...IMPOSSIBLE, accept: ACCEPT }, {}, 'accepted'],
  ])('because they cannot be let the system start when %s', async (_case, plan, startup, outcome) => {
    expect(await confirm({ plan, startup })).toMatchObject({ done: true, outcome, equal: false });
    expect(bucket.read(EVIDENCE)).toMatchObject({ outcome });
    expect(recorded).not.toHaveBeenCalled();
  });

  it('never go on when they differ, whatever the configuration says', async () => {
    finds(manifest({ t: [4, '18'] }));

    await expect(confirm({ startup: { unconfirmed: 'go-on' } })).rejects.toMatchObject({
      name: 'DataChanged',
    });
  });
});
