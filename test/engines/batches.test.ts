import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBatch, type Batch, batchesOf, readBatch } from '../../engines/batches.ts';
import { compareManifests } from '../../engines/compare.ts';
import { sumOf } from '../../engines/digest-sum.ts';
import type { Engine, Piece, SurveyedTable } from '../../engines/engine.ts';
import type { Manifest, PartManifest } from '../../engines/manifest.ts';
import { recordManifest } from '../../engines/recorder.ts';

const GIB = 1024 ** 3;
const TIB = 1024 * GIB;
const BATCH_BYTES = 8 * GIB;

const unused = (): never => {
  throw new Error('not asked for');
};

/** A server of made-up tables: what it reads of a piece follows from the piece's name and place. */
function madeUp(tables: SurveyedTable[], onRead: (pieces: Piece[]) => void = () => undefined): Engine {
  const result = ({ table, part }: Piece): PartManifest => {
    const digits = [...`${table} ${part?.index ?? 'whole'}`].reduce(
      (sum, c) => sum * 31n + BigInt(c.charCodeAt(0)),
      7n,
    );
    return { rows: 1, digest: BigInt.asUintN(128, digits).toString(16).padStart(32, '0') };
  };
  return {
    endpoint: '10.0.0.1:5432',
    tablesAStatement: 100,
    partBytes: 64 * 1024 ** 2,
    look: async () => ({
      engine: 'postgres',
      engineVersion: '17.4',
      server: { address: '10.0.0.1', port: 5432, startedAt: '2026-11-01T00:00:00.000Z' },
      databases: ['crm'],
    }),
    open: async () => ({
      survey: async () => ({ schema: {}, sequences: {}, tables, notCompared: [] }),
      cut: async ({ bytes }, partBytes) => ({
        span: Math.floor(partBytes / 8192),
        parts: Math.ceil(bytes / 8192 / Math.floor(partBytes / 8192)),
      }),
      reader: async () => ({
        read: async (pieces) => {
          onRead(pieces);
          return pieces.map(result);
        },
        close: async () => undefined,
      }),
      close: async () => undefined,
    }),
    locator: unused,
    countSessions: unused,
    firstValue: unused,
    inspect: unused,
    check: unused,
    describe: String,
    isConnectionProblem: () => false,
    remedy: () => 'none',
  };
}

async function planned(
  tables: SurveyedTable[],
  batchBytes = BATCH_BYTES,
): Promise<{ manifest: Manifest; batches: Batch[] }> {
  const { manifest, batches, complete } = await recordManifest(madeUp(tables, unused), { batchBytes });
  expect(complete).toBe(false);
  return { manifest, batches: batches ?? [] };
}

const FIVE_TERABYTES: SurveyedTable[] = [
  { name: '"public"."mail_archive"', bytes: 5 * TIB },
  { name: '"public"."account"', bytes: 2 * GIB },
  ...Array.from({ length: 3000 }, (_, index) => ({ name: `"public"."small_${index}"`, bytes: 80 * 1024 })),
];

describe('a table of 5 TB', () => {
  it('is a plan: batches of about 8 GiB, statements of about 640 MiB, and a state of a few bytes', async () => {
    const { manifest, batches } = await planned(FIVE_TERABYTES);

    expect(batches.length).toBe(641);
    const weights = batches.map(({ weight }) => weight / GIB);
    expect(Math.max(...weights)).toBeLessThan(8.7);
    expect(Math.min(...weights)).toBeGreaterThan(7.3);
    const statements = batches.flatMap((batch) => batch.statements);
    expect(statements.length).toBeLessThan(8_300);
    expect(Math.max(...statements.map((pieces) => pieces.length))).toBe(100);
    // The plan lies in the evidence bucket, the manifest too; what a state or a function holds of them stays small.
    expect(JSON.stringify(batches).length).toBeLessThan(2 * 1024 ** 2);
    expect(JSON.stringify(manifest).length).toBeLessThan(1024);
    expect(JSON.stringify(batches.map((_, batch) => ({ batch }))).length).toBeLessThan(10 * 1024);
  });

  it('comes out as the same manifest as one that was read at once, whatever is read twice', async () => {
    const tables = FIVE_TERABYTES.slice(0, 200).map((table) => ({
      ...table,
      bytes: Math.ceil(table.bytes / 64),
    }));
    const { manifest, batches } = await planned(tables);
    const read = await Promise.all(
      batches.map((batch) => readBatch(madeUp(tables), batch, { onServer: () => undefined })),
    );
    for (const round of [0, 1]) {
      batches.forEach((batch, index) => {
        const result = read[index];
        if (result !== undefined && (round === 0 || index % 2 === 0)) addBatch(manifest, batch, result);
      });
    }
    const spread = await recordManifest(madeUp(tables, unused), { resume: manifest });
    const whole = await recordManifest(madeUp(tables), {});

    expect(spread.complete).toBe(true);
    expect(compareManifests(whole.manifest, spread.manifest)).toMatchObject({
      equal: true,
      tables: 200,
      rows: whole.manifest.databases.flatMap((each) => each.tables).reduce((sum, { rows }) => sum + rows, 0),
    });
  });

  it('has what a failed batch left read by the next call itself', async () => {
    const tables = FIVE_TERABYTES.slice(0, 2).map((table) => ({ ...table, bytes: table.bytes / 64 }));
    const { manifest, batches } = await planned(tables);
    const [lost, ...others] = batches;
    for (const batch of others)
      addBatch(manifest, batch, await readBatch(madeUp(tables), batch, { onServer: () => undefined }));
    const pieces: Piece[] = [];

    const { complete } = await recordManifest(
      madeUp(tables, (each) => pieces.push(...each)),
      { resume: manifest },
    );

    expect(complete).toBe(true);
    expect(pieces.map(({ part }) => part?.index).toSorted()).toEqual(
      lost?.statements
        .flat()
        .map(({ part }) => part?.index)
        .toSorted(),
    );
  });

  it('is cut as the other side was, whatever its own size says', async () => {
    const source = await recordManifest(madeUp([{ name: 't', bytes: GIB }]), {});
    const copy = await recordManifest(madeUp([{ name: 't', bytes: 3 * GIB }]), { like: source.manifest });

    const [before, after] = [source, copy].map(({ manifest }) => manifest.databases[0]?.tables[0]?.parts);
    expect(after?.read).toHaveLength(before?.read.length ?? 0);
    expect(after?.span).toBe(before?.span);
  });
});

describe('a batch', () => {
  it('goes on where its time was up', async () => {
    const { batches } = await planned([{ name: 't', bytes: 20 * GIB }]);
    const [batch] = batches;
    if (batch === undefined) throw new Error('no batch');
    let resume: Awaited<ReturnType<typeof readBatch>> | undefined;
    let calls = 0;
    for (let complete = false; !complete; calls += 1) {
      resume = await readBatch(madeUp([]), batch, { resume, stopAt: 0, onServer: () => undefined }).catch(
        unused,
      );
      complete = resume.complete;
      if (calls > 1000) throw new Error('no progress');
    }

    expect(calls).toBeGreaterThan(1);
    expect(resume?.read.every((results) => results !== null)).toBe(true);
  });

  it('is never far from the others, and no statement is in two of them or in none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 200 }),
        (weights) => {
          const units = weights.map((weight, index) => ({ pieces: [{ table: `t${index}` }], weight }));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const batches = batchesOf('crm', units, 1500);
          const target = total / Math.ceil(total / 1500);

          expect(batches.flatMap(({ statements }) => statements.flat().map(({ table }) => table))).toEqual(
            units.map(({ pieces }) => pieces[0]?.table),
          );
          for (const { weight } of batches) expect(weight).toBeLessThanOrEqual(target + Math.max(...weights));
        },
      ),
    );
  });
});

describe('sums', () => {
  it('do not depend on where a table was cut', () => {
    const digest = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((n) => n.toString(16).padStart(32, '0'));
    const part = fc.record({ rows: fc.nat(), digest });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.nat(), (parts, at) => {
        const middle = at % parts.length;
        const halves = [parts.slice(0, middle), parts.slice(middle)].map(sumOf);
        expect(sumOf(halves)).toEqual(sumOf(parts));
      }),
    );
  });
});
