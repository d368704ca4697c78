import { compareManifests } from '../../engines/compare.ts';
import { type Comparison, type Manifest, objectName } from '../../engines/manifest.ts';

/** An object of a database in use that was written to while its backup was taken and compared. */
export interface WrittenMeanwhile {
  /** `database: object`. */
  object: string;
  /**
   * What the copy holds: the state of the first reading of the source (`before`), that of the later one (`after`), or one between the two
   * (`between`), which nothing is left to be compared with.
   */
  copy: 'before' | 'after' | 'between';
}

/** Content of `verification.json` of a run that only proves a backup, beside the comparison. */
export interface LiveComparison {
  /** When the first reading of the source began, before the snapshot was asked for, ISO 8601. */
  from: string;
  /** When the source was seen for the last time, ISO 8601. */
  until: string;
  written: WrittenMeanwhile[];
}

/** Two readings of a source in use and its restored copy. The snapshot was taken after `before` was begun and before `after` was. */
export interface LiveReadings {
  before: Manifest;
  copy: Manifest;
  /** Absent where the copy equals `before`. */
  after?: Manifest | undefined;
  /** Objects to which the source's counters have seen something written since `before` was begun. */
  counted: string[];
}

/**
 * Compares a copy with a source that is in use. An object that nobody wrote to between the two readings must be the same in the copy. One
 * that was written to is proved if the copy holds it as one of the readings does. Else the copy holds a state between them, and the object
 * is named as not compared.
 *
 * @returns the comparison, with `equal` false only for what no write explains, and its counts without what is not compared.
 */
export function compareLive({ before, copy, after, counted }: LiveReadings): {
  comparison: Comparison;
  written: WrittenMeanwhile[];
} {
  const first = compareManifests(before, copy);
  const changed = after === undefined ? [] : namesOf(compareManifests(before, after));
  const later = new Set(after === undefined ? [] : namesOf(compareManifests(after, copy)));
  const unlikeBefore = new Set(namesOf(first));
  const names = new Set([...counted, ...changed]);
  const written = [...names].map((object): WrittenMeanwhile => {
    if (!unlikeBefore.has(object)) return { object, copy: 'before' };
    return { object, copy: after !== undefined && !later.has(object) ? 'after' : 'between' };
  });
  const differences = first.differences.filter(({ object }) => !names.has(object));
  const between = new Set(written.flatMap((each) => (each.copy === 'between' ? [each.object] : [])));
  const uncompared = before.databases.flatMap(({ name, tables }) =>
    tables.filter((table) => between.has(objectName(name, table.name)) || between.has(name)),
  );
  return {
    written,
    comparison: {
      equal: differences.length === 0,
      tables: first.tables - uncompared.length,
      rows: first.rows - uncompared.reduce((sum, { rows }) => sum + rows, 0),
      differences,
      notCompared: [
        ...first.notCompared,
        ...[...between].map((object) => ({
          object,
          reason:
            'it was written to while the backup was taken: the copy holds a state between two readings of the source, and was read to its end',
        })),
      ],
    },
  };
}

const namesOf = ({ differences }: Comparison): string[] => differences.map(({ object }) => object);
