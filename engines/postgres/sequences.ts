import type pg from 'pg';
import type { NotCompared, SequenceManifest } from '../manifest.ts';
import { tableName } from './tables.ts';

/** Sequences in one statement. The limit keeps statements and their locks few on schemas with thousands of sequences. */
const SEQUENCES_A_STATEMENT = 200;

export interface Sequences {
  sequences: Record<string, SequenceManifest>;
  notCompared: NotCompared[];
}

/**
 * Reads the value of every sequence. Sequences know no snapshot (they are never rolled back), so each batch is a transaction of its
 * own.
 */
export async function readSequences(client: pg.Client): Promise<Sequences> {
  const listed = await client.query<{
    schema: string;
    name: string;
    persistence: string;
    increment: string;
    cache: string;
  }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relpersistence AS persistence, s.seqincrement::text AS increment, s.seqcache::text AS cache
       FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_temp_' ORDER BY 1, 2`,
  );
  const found: Sequences = { sequences: {}, notCompared: [] };
  const logged = listed.rows.filter((row) => row.persistence !== 'u');
  for (const row of listed.rows.filter((each) => each.persistence === 'u')) {
    found.notCompared.push({
      object: tableName(row),
      reason: 'an unlogged sequence: a snapshot may bring it back from its start',
    });
  }
  for (let first = 0; first < logged.length; first += SEQUENCES_A_STATEMENT) {
    const batch = logged.slice(first, first + SEQUENCES_A_STATEMENT);
    const values = await client.query<{ index: number; last: string; called: boolean; promised: string }>(
      batch
        .map(
          (row, index) =>
            `SELECT ${index} AS index, last_value::text AS last, is_called AS called, (last_value + log_cnt::numeric * (${row.increment}))::text AS promised FROM ${tableName(row)}`,
        )
        .join(' UNION ALL '),
    );
    for (const value of values.rows) {
      const sequence = batch[value.index];
      if (sequence === undefined) continue;
      const { increment, cache } = sequence;
      const { last, called, promised } = value;
      found.sequences[tableName(sequence)] = {
        lastValue: last,
        isCalled: called,
        increment,
        cache,
        promised,
      };
    }
  }
  return found;
}
