import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../engines/manifest.ts';
import { compareLive } from '../../../functions/databases/live-comparison.ts';

const NAMES = ['"public"."accounts"', '"public"."contacts"', '"public"."deals"'];
const objectOf = (index: number): string => `crm: ${NAMES[index]}`;

/** A server whose tables stand at these versions. A table has as many rows as its version. */
function at(versions: number[]): Manifest {
  const tables = versions.map((version, index) => ({
    name: NAMES[index] ?? '',
    rows: version,
    digest: `digest-${version}`,
    columns: 'same',
  }));
  return {
    engine: 'postgres',
    engineVersion: '16.4',
    recordedAt: '2026-11-27T14:00:00.000Z',
    server: { address: 'db', port: 5432, startedAt: '2026-11-01T00:00:00.000Z' },
    databases: [{ name: 'crm', tables, schema: {}, sequences: [], notCompared: [] }],
    notCompared: [],
  } as unknown as Manifest;
}

describe('a copy of a source in use', () => {
  it('is proved whole where it is as the source was', () => {
    const { comparison, written } = compareLive({ before: at([1, 1, 1]), copy: at([1, 1, 1]), counted: [] });

    expect(comparison).toMatchObject({ equal: true, tables: 3, rows: 3, differences: [], notCompared: [] });
    expect(written).toEqual([]);
  });

  it('is not called different for a table that was written to and put back, where the counters saw it', () => {
    const readings = { before: at([1, 1, 1]), copy: at([2, 1, 1]), after: at([1, 1, 1]) };

    expect(compareLive({ ...readings, counted: [] }).comparison.equal).toBe(false);
    const { comparison, written } = compareLive({ ...readings, counted: [objectOf(0)] });
    expect(comparison).toMatchObject({ equal: true, tables: 2, rows: 2 });
    expect(comparison.notCompared).toMatchObject([{ object: objectOf(0) }]);
    expect(written).toEqual([{ object: objectOf(0), copy: 'between' }]);
  });

  it('finds each table that nobody wrote to and that is not the same, and only those', () => {
    const version = fc.integer({ min: 1, max: 3 });
    const table = fc.record({
      before: version,
      atSnapshot: fc.integer({ min: 0, max: 2 }),
      after: fc.integer({ min: 0, max: 2 }),
      damaged: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.tuple(table, table, table), fc.boolean(), (tables, isCounted) => {
        // A table grows by writes alone, first until the snapshot and then until the second reading.
        const states = tables.map(({ before, atSnapshot, after, damaged }) => ({
          before,
          copy: before + atSnapshot + (damaged ? 100 : 0),
          after: before + atSnapshot + after,
          isWritten: atSnapshot + after > 0,
          damaged,
        }));
        const counted = states.flatMap(({ isWritten }, index) =>
          isWritten && isCounted ? [objectOf(index)] : [],
        );
        const { comparison, written } = compareLive({
          before: at(states.map((each) => each.before)),
          copy: at(states.map((each) => each.copy)),
          after: at(states.map((each) => each.after)),
          counted,
        });
        const named = (of: (state: (typeof states)[number]) => boolean): string[] =>
          states.flatMap((state, index) => (of(state) ? [objectOf(index)] : []));
        expect(comparison.differences.map(({ object }) => object)).toEqual(
          named(({ isWritten, damaged }) => damaged && !isWritten),
        );
        expect(written.map(({ object }) => object).sort()).toEqual(
          named(({ isWritten }) => isWritten).sort(),
        );
        // What is called compared is the state of one of the readings.
        const between = named(
          ({ isWritten, before, copy, after }) => isWritten && copy !== before && copy !== after,
        );
        expect(written.flatMap(({ object, copy }) => (copy === 'between' ? [object] : [])).sort()).toEqual(
          between.sort(),
        );
        expect(comparison.tables).toBe(states.length - between.length);
        expect(comparison.notCompared.map(({ object }) => object).sort()).toEqual(between.sort());
      }),
    );
  });
});
