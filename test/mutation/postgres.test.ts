import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareManifests } from '../../engines/compare.ts';
import { locateDifferences } from '../../engines/locate.ts';
import type { Comparison, Manifest } from '../../engines/manifest.ts';
import { postgresLocator } from '../../engines/postgres/locator.ts';
import { startThrowAwayServer, type ThrowAwayServer } from '../support/throw-away-server.ts';
import { anyChange } from './postgres-changes.ts';
import { definitionsFor, KINDS, kindOf } from './postgres-definitions.ts';
import { ROLES, schemaFor } from './postgres-schema.ts';
import { DISTURBANCES, settingsFor } from './postgres-settings.ts';
import { CHANGES, chosenOf, expectFound, PART_BYTES, record, SEED, UNCHANGED } from './sample.ts';
import { Tally } from './tally.ts';
import type { Change } from './typed-column.ts';

let server: ThrowAwayServer;
let source: Manifest;
/** Major version of the server. */
let version: number;

beforeAll(async () => {
  server = await startThrowAwayServer();
  await server.sql('ALTER SYSTEM SET max_prepared_transactions = 5');
  await server.server.stop();
  await server.server.start();
  version = await majorVersion();
  await server.sql(ROLES);
  await server.database('source', schemaFor(version));
  source = await record(server.engine(), 'source');
});
afterAll(async () => server.stop());

async function majorVersion(): Promise<number> {
  const client = await server.reader();
  const { rows } = await client.query<{ version: string }>(
    "SELECT current_setting('server_version_num') AS version",
  );
  await client.end();
  return Math.floor(Number(rows[0]?.version) / 10_000);
}

/** Compares the source with a copy in which some statements were run. */
async function compareAfter(
  sql: string,
  { partBytes, undo }: { partBytes?: number; undo?: string | undefined } = {},
): Promise<Comparison> {
  await server.sql('CREATE DATABASE copy TEMPLATE source');
  try {
    for (const statements of sql.split(';;')) await server.sql(statements, 'copy');
    const copy = await record(server.engine(), 'copy', partBytes);
    const comparison = compareManifests(source, copy);
    const differences = await locateDifferences(comparison.differences, {
      source: { manifest: source, open: async () => postgresLocator(await server.reader('source')) },
      copy: { manifest: copy, open: async () => postgresLocator(await server.reader('copy')) },
    });
    return { ...comparison, differences };
  } finally {
    if (undo !== undefined) await server.sql(undo, 'copy');
    await server.sql('DROP DATABASE copy WITH (FORCE)');
  }
}

/** What belongs to the whole server is the same in the source, when the two are looked at again. */
const OF_THE_SERVER = /^(role|settings|parameter|tablespace) /;

async function expectLocated(change: Change): Promise<void> {
  const comparison = await compareAfter(change.sql, { undo: change.undo });
  const found = expectFound(comparison, change);
  if (change.key !== undefined) expect(found?.keys).toContain(change.key.name);
  if (found?.kind === 'schema' && !OF_THE_SERVER.test(change.object))
    expect(found.diff, change.sql).toMatch(/^[-+] ?\S/m);
  for (const secret of ['@example.com', 'hunter2', 'hunter3'])
    expect(JSON.stringify(comparison.differences)).not.toContain(secret);
}

describe('a change of the copy', () => {
  it(`is found and located, ${CHANGES} times`, { timeout: 3_600_000 }, async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(anyChange(version), async (change) => {
        await tally.count(change.kind, () => expectLocated(change));
      }),
      { numRuns: CHANGES, seed: SEED, endOnFailure: true },
    );
    console.log(`PostgreSQL ${version}, seed ${SEED}: ${tally}`);
    expect(tally.found).toBe(CHANGES);
  });

  it('is found and located, whatever the definition', { timeout: 3_600_000 }, async () => {
    const tally = new Tally();
    const chosen = chosenOf(definitionsFor(version));
    for (const change of chosen) await tally.count(change.kind, () => expectLocated(change));
    console.log(`PostgreSQL ${version}, each definition once: ${tally}`);
    expect(tally.found).toBe(chosen.length);
  });
});

it('has a change of every kind of object', () => {
  const changed = new Set(definitionsFor(18).map(({ object }) => kindOf(object)));
  expect(KINDS.filter((kind) => !changed.has(kind))).toEqual([]);
});

describe('a copy without a change', () => {
  it(`is equal under other settings and another physical order, ${UNCHANGED} times`, {
    timeout: 3_600_000,
  }, async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(settingsFor(version), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...DISTURBANCES),
        fc.constantFrom(64 * 1024, PART_BYTES, 1024 ** 3),
        async (settings, disturbance, partBytes) => {
          for (const setting of settings) await server.sql(`ALTER SYSTEM SET ${setting}`);
          await server.sql('SELECT pg_reload_conf()');
          try {
            const { equal, differences } = await compareAfter(disturbance, { partBytes });
            expect(differences, `${settings.join('; ')}; ${disturbance}`).toEqual([]);
            expect(equal).toBe(true);
          } finally {
            for (const setting of settings)
              await server.sql(`ALTER SYSTEM RESET ${setting.split(' ')[0] ?? ''}`);
            await server.sql('SELECT pg_reload_conf()');
          }
          seen += 1;
        },
      ),
      { numRuns: UNCHANGED, seed: SEED, endOnFailure: true },
    );
    console.log(`PostgreSQL ${version}, seed ${SEED}: ${seen} unchanged copies, no false alarm`);
    expect(seen).toBe(UNCHANGED);
  });
});
