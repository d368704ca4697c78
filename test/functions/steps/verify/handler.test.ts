import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../../engines/engine.ts';
import type { Manifest } from '../../../../engines/manifest.ts';
import { recordManifest } from '../../../../engines/recorder.ts';
import { DEADLINE_SECONDS } from '../../../../functions/contract/deadlines.ts';
import { type ManifestEvent, handler as record } from '../../../../functions/steps/manifest/handler.ts';
import { type VerifyEvent, handler as verify } from '../../../../functions/steps/verify/handler.ts';
import { Bucket, execution, IDENTIFIER, plan, planned, RUN_ID, system, systemInput } from '../../fixtures.ts';

vi.mock('../../../../engines/recorder.ts', () => ({ recordManifest: vi.fn() }));
vi.mock('../../../../engines/locate.ts', () => ({
  locateDifferences: vi.fn(async (differences: unknown[]) => differences),
}));
const check = vi.fn<Engine['check']>();
const look = vi.fn<Engine['look']>();
const open = vi.fn<Engine['open']>();
vi.mock('../../../../functions/databases/system-engine.ts', () => ({
  engineOfSystem: async () => ({ engine: { check, look, open, describe: String }, user: 'reader' }),
}));

const recorded = vi.mocked(recordManifest);
const folder = `runs/crm/${RUN_ID}`;
let bucket: Bucket;

const manifest = (address: string, startedAt: string, digest = '17', rows = 3): Manifest => ({
  engine: 'postgres',
  engineVersion: '17.4',
  server: { address, port: 5432, startedAt, systemIdentifier: '42' },
  recordedAt: '2026-11-27T14:10:00.000Z',
  databases: [
    {
      name: 'crm',
      schema: { 'relation public.t': 'a' },
      sequences: {},
      tables: [{ name: '"public"."t"', rows, digest }],
      notCompared: [],
    },
  ],
});
const source = manifest('crm-db.example.eu-central-1.rds.amazonaws.com', '2026-01-01T00:00:00.000Z');
const copy = manifest('copy.example', '2026-11-27T14:40:00.000Z');
const sound = { method: 'amcheck', checked: ['table t'], complete: true, problems: [], notChecked: [] };
const restore = {
  done: true,
  identifier: IDENTIFIER,
  address: 'copy.example',
  port: 5432,
  resourceId: 'db-COPY',
};

const state = (more: object = {}) => planned({ restore, ...more });
const compare = (more: object = {}) =>
  verify({ action: 'compare', execution, state: state(more) } as unknown as VerifyEvent);

beforeEach(() => {
  bucket = new Bucket();
  recorded.mockReset();
  check.mockReset();
  check.mockResolvedValue(sound);
  look.mockResolvedValue({ ...source, databases: ['crm'] });
  open.mockRejectedValue(new Error('not asked for'));
});

describe('the deadline for reading', () => {
  const begun = (secondsAgo: number) => ({
    done: false,
    waitSeconds: 1,
    since: new Date(Date.now() - secondsAgo * 1000).toISOString(),
  });
  const sides = {
    'of the source': (secondsAgo: number) => {
      const read = { action: 'record', execution, state: state({ backup: { manifest: begun(secondsAgo) } }) };
      return record(read as unknown as ManifestEvent);
    },
    'of the copy': (secondsAgo: number) => compare({ comparison: begun(secondsAgo) }),
  };

  it.each(Object.entries(sides))('ends a reading %s that never comes to an end', async (_, call) => {
    bucket.put(`${folder}/manifest-source.json`, source);
    recorded.mockResolvedValue({ manifest: { ...source, incomplete: true }, complete: false });

    expect(await call(DEADLINE_SECONDS.reading - 60)).toMatchObject({ done: false });
    recorded.mockClear();
    await expect(call(DEADLINE_SECONDS.reading + 60)).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(
        /crm-db was not read to the end 24 hours after it was begun.*Performance Insights/,
      ),
    });
    expect(recorded).not.toHaveBeenCalled();
  });
});

describe('manifest record', () => {
  const call = () => record({ action: 'record', execution, state: state() } as unknown as ManifestEvent);

  it('keeps the manifest as evidence and answers its totals', async () => {
    recorded.mockResolvedValue({ manifest: source, complete: true });

    expect(await call()).toMatchObject({
      done: true,
      tables: 1,
      rows: 3,
      key: `${folder}/manifest-source.json`,
    });
    expect(bucket.read(`${folder}/manifest-source.json`)).toEqual(source);
  });

  it('goes on where an earlier call stopped', async () => {
    recorded.mockResolvedValueOnce({ manifest: source, complete: false });
    expect(await call()).toMatchObject({ done: false });

    recorded.mockResolvedValueOnce({ manifest: source, complete: true });
    expect(await call()).toMatchObject({ done: true });
    expect(recorded.mock.calls[1]?.[1].resume).toEqual(source);
  });
});

describe('verify compare', () => {
  beforeEach(() => {
    bucket.put(`${folder}/manifest-source.json`, source);
  });

  it('is equal when both manifests say the same, and keeps both servers’ identities', async () => {
    recorded.mockResolvedValue({ manifest: copy, complete: true });

    expect(await compare()).toMatchObject({ done: true, equal: true, tables: 1, rows: 3 });
    expect(bucket.read(`${folder}/verification.json`)).toMatchObject({
      equal: true,
      source: source.server,
      restored: copy.server,
    });
  });

  it('lets the engine check the copy once it is equal, slice by slice, and keeps what it said', async () => {
    recorded.mockResolvedValue({ manifest: copy, complete: true });
    const reason = { object: 'index i', reason: 'no check for it' };
    check.mockResolvedValueOnce({ ...sound, complete: false, notChecked: [reason] });
    check.mockResolvedValueOnce({ ...sound, checked: ['index b'], notChecked: [reason] });

    expect(await compare()).toMatchObject({ done: false, equal: false });
    expect(bucket.read(`${folder}/verification.json`)).not.toHaveProperty('engineCheck');
    expect(await compare()).toMatchObject({ done: true, equal: true });

    // What was read before is not read again.
    expect(recorded).toHaveBeenCalledTimes(1);
    expect(check.mock.calls.map(([name, { checked, mayPrepare }]) => [name, checked, mayPrepare])).toEqual([
      ['crm', [], true],
      ['crm', ['table t'], true],
    ]);
    expect(bucket.read(`${folder}/verification.json`)).toMatchObject({
      equal: true,
      engineCheck: {
        method: 'amcheck',
        checked: 2,
        problems: [],
        notChecked: [{ object: 'crm: index i', reason: 'no check for it' }],
      },
    });
  });

  it.each<[string, Partial<Manifest['server']>, string | undefined, string | undefined, object]>([
    ['nothing, by its count', {}, '70', '70', { wrote: 'nothing' }],
    [
      'something, by its count',
      {},
      '70',
      '73',
      { wrote: 'something', detail: expect.stringContaining('3 rows') },
    ],
    ['nothing, by its log', { writePosition: '0/1' }, undefined, undefined, { wrote: 'nothing' }],
    ['something, by its log', { writePosition: '0/2' }, undefined, undefined, { wrote: 'something' }],
    ['nobody knows what', {}, undefined, undefined, { wrote: 'unknown' }],
    ['a restart', { startedAt: '2026-11-27T14:20:00.000Z' }, '70', '0', { wrote: 'unknown' }],
  ])('keeps what the source counted meanwhile: %s', async (_what, server, began, now, expected) => {
    const [database] = source.databases;
    if (database === undefined) throw new Error('no database');
    const before = {
      ...source.server,
      ...(server.writePosition === undefined ? {} : { writePosition: '0/1' }),
    };
    bucket.put(`${folder}/manifest-source.json`, {
      ...source,
      server: before,
      databases: [{ ...database, ...(began === undefined ? {} : { rowsWritten: { began } }) }],
    });
    look.mockResolvedValue({ ...source, server: { ...before, ...server }, databases: ['crm'] });
    const close = vi.fn(async () => undefined);
    open.mockResolvedValue({ rowsWritten: async () => now, close } as unknown as Awaited<
      ReturnType<Engine['open']>
    >);
    recorded.mockResolvedValue({ manifest: copy, complete: true });

    await compare();

    expect(bucket.read(`${folder}/verification.json`)).toMatchObject({ equal: true, sourceWrites: expected });
  });

  it('is no worse for a source that cannot be asked again', async () => {
    recorded.mockResolvedValue({ manifest: copy, complete: true });
    look.mockRejectedValue(new Error('gone'));

    expect(await compare()).toMatchObject({ done: true, equal: true });
    expect(bucket.read(`${folder}/verification.json`)).toMatchObject({
      sourceWrites: { wrote: 'unknown', detail: 'the source could not be asked again (gone)' },
    });
  });

  it('throws when the engine finds the copy damaged, and keeps what it found', async () => {
    recorded.mockResolvedValue({ manifest: copy, complete: true });
    check.mockResolvedValue({ ...sound, problems: [{ object: 'B-tree i', problem: 'XX002: order' }] });

    await expect(compare()).rejects.toMatchObject({
      name: 'VerificationMismatch',
      message: expect.stringMatching(
        /own check \(amcheck\) found damage in 1 object: crm: B-tree i \(XX002: order\)/,
      ),
    });
    expect(bucket.read(`${folder}/verification.json`)).toMatchObject({
      equal: true,
      engineCheck: { problems: [{ object: 'crm: B-tree i', problem: 'XX002: order' }] },
    });
  });

  it.each([
    ['another digest', manifest('copy.example', copy.server.startedAt, '18'), 'content'],
    [
      'another row count',
      manifest('copy.example', copy.server.startedAt, '17', 4),
      '3 rows in the source, 4 in the copy',
    ],
  ])(
    'throws on %s after it has stored the comparison, and names the table',
    async (_name, restored, words) => {
      recorded.mockResolvedValue({ manifest: restored, complete: true });

      await expect(compare()).rejects.toMatchObject({
        name: 'VerificationMismatch',
        message: expect.stringMatching(new RegExp(`"public"\\."t".*${words}`)),
      });
      expect(bucket.read(`${folder}/verification.json`)).toMatchObject({ equal: false });
    },
  );

  it.each([
    ['the source’s own address', { restore: { ...restore, address: source.server.address } }],
    ['the source’s own resource', { restore: { ...restore, resourceId: plan().database?.resourceId } }],
    ['no address', { restore: { done: true, identifier: IDENTIFIER } }],
  ])('refuses to compare with %s', async (_name, more) => {
    await expect(compare(more)).rejects.toMatchObject({ name: 'VerificationImpossible' });
    expect(recorded).not.toHaveBeenCalled();
  });

  it.each([
    [
      'one server behind two names',
      manifest('copy.example', source.server.startedAt),
      'one and the same server',
    ],
    [
      'a copy of another database',
      { ...copy, server: { ...copy.server, systemIdentifier: '43' } },
      'was not restored from',
    ],
  ])('refuses %s by what the servers say of themselves', async (_name, restored, words) => {
    recorded.mockImplementation(async (_engine, { onServer }) => {
      onServer?.(restored.server);
      return { manifest: restored, complete: true };
    });

    await expect(compare()).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringMatching(words),
    });
  });

  it('takes a restored cluster with a system identifier of its own for what it may be', async () => {
    const restored = { ...copy, server: { ...copy.server, systemIdentifier: '43' } };
    recorded.mockImplementation(async (_engine, { onServer }) => {
      onServer?.(restored.server);
      return { manifest: restored, complete: true };
    });
    const config = system({ database: { ...systemInput().database, kind: 'cluster' } });

    expect(await compare({ config })).toMatchObject({ equal: true });
  });

  it('says what is missing when the source was never recorded', async () => {
    bucket.objects.clear();

    await expect(compare()).rejects.toMatchObject({
      name: 'VerificationImpossible',
      message: expect.stringContaining('manifest of the source'),
    });
  });
});
