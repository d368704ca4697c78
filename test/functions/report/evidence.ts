import type { Comparison, Manifest } from '../../../engines/manifest.ts';
import { RUN_ID } from '../fixtures.ts';

/** Of the run's evidence. */
export const folder = `runs/crm/${RUN_ID}`;

/** The tables of both sides. */
export const TABLES: [name: string, rows: number, digest: string][] = [
  ['"public"."accounts"', 4_000, '9f2c01d47ab35e6688c1f0a2b3d4e5f6'],
  ['"public"."contacts"', 16_000, '0a1b2c3d4e5f60718293a4b5c6d7e8f9'],
  ['"public"."activities"', 64_000, 'c0ffee00c0ffee00c0ffee00c0ffee00'],
  ['"public"."客户 <VIP> & \'others\'"', 1_204, 'abcdefabcdefabcdefabcdefabcdefab'],
  ['"public"."attachments"', 0, '00000000000000000000000000000000'],
];

/** @param changes Digests in place of those of {@link TABLES}, by table. */
export function manifest(address: string, startedAt: string, changes: Record<string, string> = {}): Manifest {
  return {
    engine: 'postgres',
    engineVersion: '17.4',
    server: { address, port: 5432, systemIdentifier: '7300000000000000001', startedAt },
    recordedAt: '2026-11-27T14:06:40.000Z',
    databases: [
      {
        name: 'crm',
        schema: {},
        sequences: {},
        tables: TABLES.map(([name, rows, digest]) => ({
          name,
          rows,
          digest: changes[name] ?? digest,
        })),
        notCompared: [
          { object: '"public"."sessions_cache"', reason: 'unlogged: a snapshot brings it back empty' },
        ],
      },
    ],
  };
}

/** What a whole comparison of the two leaves. */
export function comparisonOf(source: Manifest, restored: Manifest, differences: Comparison['differences']) {
  return {
    equal: differences.length === 0,
    tables: TABLES.length,
    rows: TABLES.reduce((sum, [, rows]) => sum + rows, 0),
    differences,
    notCompared: source.databases[0]?.notCompared ?? [],
    source: source.server,
    restored: restored.server,
    comparedAt: '2026-11-27T14:31:40.000Z',
  };
}

/** The database's own manifest. */
export const source = manifest('crm-db.example.eu-central-1.rds.amazonaws.com', '2026-11-01T02:00:00.000Z');
/** The manifest of the restored copy, in which everything is as in the {@link source}. */
export const copy = manifest(
  'lights-out-crm.example.eu-central-1.rds.amazonaws.com',
  '2026-11-27T14:28:00.000Z',
);
/** What a verification that found both equal stored, by key. */
export const verified = {
  [`${folder}/manifest-source.json`]: source,
  [`${folder}/manifest-restored.json`]: copy,
  [`${folder}/verification.json`]: comparisonOf(source, copy, []),
};
