import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareManifests } from '../../engines/compare.ts';
import { locateDifferences } from '../../engines/locate.ts';
import type { Comparison, Manifest } from '../../engines/manifest.ts';
import { mysqlLocator } from '../../engines/mysql/locator.ts';
import { hasMariadb, type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { anyChange, everyDefinition } from './mariadb-changes.ts';
import { SCHEMA } from './mariadb-schema.ts';
import { CHANGES, chosenOf, expectFound, PART_BYTES, record, SEED, UNCHANGED } from './sample.ts';
import { Tally } from './tally.ts';
import type { Change } from './typed-column.ts';

describe.skipIf(!hasMariadb)('MariaDB', () => {
  let server: MariadbServer;
  let source: Manifest;

  beforeAll(async () => {
    server = await startMariadb();
    await server.sql(`CREATE DATABASE source`);
    // The history of a system-versioned table holds times: at one moment, they are the same in the copy.
    await make('source');
    source = await record(server.engine(), 'source');
  });
  afterAll(async () => server?.stop());

  async function make(database: string): Promise<void> {
    await server.sql(`SET @@timestamp = 1790000000; ${SCHEMA}`, database);
  }

  async function compareAfter(sql: string, partBytes?: number): Promise<Comparison> {
    await server.sql('CREATE DATABASE copy');
    try {
      await make('copy');
      if (sql !== '') await server.sql(`SET sql_mode = ''; ${sql}`, 'copy');
      const copy = await record(server.engine(), 'copy', partBytes);
      const comparison = compareManifests(source, copy);
      const differences = await locateDifferences(comparison.differences, {
        source: { manifest: source, open: async () => mysqlLocator(await server.reader(), 'source') },
        copy: { manifest: copy, open: async () => mysqlLocator(await server.reader(), 'copy') },
      });
      return { ...comparison, differences };
    } finally {
      await server.sql('DROP DATABASE copy');
    }
  }

  async function expectLocated(change: Change): Promise<void> {
    const comparison = await compareAfter(change.sql);
    const found = expectFound(comparison, change);
    if (found?.kind === 'schema') expect(found.diff, change.sql).toMatch(/^[-+] ?\S/m);
    expect(JSON.stringify(comparison.differences)).not.toContain('@example.com');
  }

  it('names what cannot be compared', () => {
    expect(source.databases[0]?.notCompared).toEqual([
      { object: '`in_memory`', reason: expect.stringMatching(/MEMORY/) },
    ]);
    expect(source).toMatchObject({ engine: 'mariadb', server: { instance: expect.any(String) } });
  });

  it(`a change is found and located, ${CHANGES} times`, { timeout: 3_600_000 }, async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(anyChange, async (change) => {
        await tally.count(change.kind, () => expectLocated(change));
      }),
      { numRuns: CHANGES, seed: SEED, endOnFailure: true },
    );
    console.log(`MariaDB, seed ${SEED}: ${tally}`);
    expect(tally.found).toBe(CHANGES);
  });

  it('is found and located, whatever the definition', { timeout: 3_600_000 }, async () => {
    const tally = new Tally();
    const chosen = chosenOf(everyDefinition);
    for (const change of chosen) await tally.count(change.kind, () => expectLocated(change));
    console.log(`MariaDB, each definition once: ${tally}`);
    expect(tally.found).toBe(chosen.length);
  });

  it(`an unchanged copy is equal, ${UNCHANGED} times`, { timeout: 3_600_000 }, async () => {
    const settings = [
      "time_zone = '+08:00'",
      "time_zone = '-03:30'",
      "sql_mode = 'ANSI'",
      "sql_mode = 'TRADITIONAL,PAD_CHAR_TO_FULL_LENGTH'",
      "lc_time_names = 'zh_CN'",
      'div_precision_increment = 8',
      "character_set_server = 'latin1'",
      "collation_server = 'utf8mb4_bin'",
      'sql_quote_show_create = 0',
      'group_concat_max_len = 4',
      "tx_isolation = 'SERIALIZABLE'",
    ];
    const disturbances = [
      '',
      'OPTIMIZE TABLE many',
      'UPDATE many SET filling = filling',
      'ANALYZE TABLE many',
      'ALTER TABLE no_key FORCE',
    ];
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(settings, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...disturbances),
        fc.constantFrom(64 * 1024, PART_BYTES, 1024 ** 3),
        async (chosenSettings, disturbance, partBytes) => {
          // Made first: some of these settings would change what is made.
          await server.sql('CREATE DATABASE copy');
          await make('copy');
          if (disturbance !== '') await server.sql(disturbance, 'copy');
          for (const setting of chosenSettings) await server.sql(`SET GLOBAL ${setting}`);
          try {
            const { differences } = compareManifests(
              source,
              await record(server.engine(), 'copy', partBytes),
            );
            expect(differences, `${chosenSettings.join('; ')}; ${disturbance}`).toEqual([]);
          } finally {
            for (const setting of chosenSettings)
              await server.sql(`SET GLOBAL ${setting.split(' ')[0] ?? ''} = DEFAULT`);
            await server.sql('DROP DATABASE copy');
          }
          seen += 1;
        },
      ),
      { numRuns: UNCHANGED, seed: SEED, endOnFailure: true },
    );
    console.log(`MariaDB, seed ${SEED}: ${seen} unchanged copies, no false alarm`);
    expect(seen).toBe(UNCHANGED);
  });
});
