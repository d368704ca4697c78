import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareManifests } from '../../functions/shared/engines/compare.ts';
import { locateDifferences } from '../../functions/shared/engines/locate.ts';
import type { Comparison, Difference, Manifest } from '../../functions/shared/engines/manifest.ts';
import { postgresLocator } from '../../functions/shared/engines/postgres/locator.ts';
import { recordManifest } from '../../functions/shared/engines/recorder.ts';
import { startThrowAwayServer, type ThrowAwayServer } from '../support/throw-away-server.ts';
import { anyChange, everyDefinition } from './postgres-changes.ts';
import { SCHEMA } from './postgres-schema.ts';
import { DISTURBANCES, SETTINGS } from './postgres-settings.ts';
import type { Change } from './typed-column.ts';

/** A sample in the test command; `npm run mutations` makes a thousand. */
const {
  LIGHTS_OUT_MUTATIONS: asked = '60',
  LIGHTS_OUT_UNCHANGED: askedUnchanged = '12',
  LIGHTS_OUT_SEED: seed = '20261124',
} = process.env as Record<string, string | undefined>;
const [CHANGES, UNCHANGED, SEED] = [Number(asked), Number(askedUnchanged), Number(seed)];

/** Small, so that the larger tables are read in parts. */
const PART_BYTES = 256 * 1024;

let server: ThrowAwayServer;
let source: Manifest;

beforeAll(async () => {
  server = await startThrowAwayServer();
  await server.database('source', SCHEMA);
  source = await record('source');
});
afterAll(async () => server.stop());

async function record(database: string, partBytes = PART_BYTES): Promise<Manifest> {
  const { manifest } = await recordManifest(server.engine(), { databases: [database], partBytes });
  // Two databases of one server are compared under one name.
  return { ...manifest, databases: manifest.databases.map((each) => ({ ...each, name: 'crm' })) };
}

/** Compares the source with a copy in which some statements were run. */
async function compareAfter(sql: string, partBytes?: number): Promise<Comparison> {
  await server.sql('CREATE DATABASE copy TEMPLATE source');
  try {
    if (sql !== '') await server.sql(sql, 'copy');
    const copy = await record('copy', partBytes);
    const comparison = compareManifests(source, copy);
    const differences = await locateDifferences(comparison.differences, {
      source: { manifest: source, open: async () => postgresLocator(await server.reader('source')) },
      copy: { manifest: copy, open: async () => postgresLocator(await server.reader('copy')) },
    });
    return { ...comparison, differences };
  } finally {
    await server.sql('DROP DATABASE copy WITH (FORCE)');
  }
}

async function expectLocated(change: Change): Promise<void> {
  const { equal, differences } = await compareAfter(change.sql);
  const found = differences.find((each: Difference) => each.object === `crm: ${change.object}`);
  expect(equal, change.sql).toBe(false);
  expect(
    differences.map((each) => each.object),
    `${change.kind}: ${change.sql}`,
  ).toContain(`crm: ${change.object}`);
  if (change.key !== undefined) {
    expect(found?.rows?.[change.key.of], `${change.sql}: ${JSON.stringify(found)}`).toContain(
      change.key.name,
    );
    expect(found?.keys).toContain(change.key.name);
    expect(found?.strayWrite).toBeUndefined();
  }
  if (found?.kind === 'schema') expect(found.diff, change.sql).toMatch(/^[-+] ?\S/m);
  expect(JSON.stringify(differences)).not.toContain('@example.com');
}

describe('a change of the copy', () => {
  it(`is found and located, ${CHANGES} times`, { timeout: 3_600_000 }, async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(anyChange, async (change) => {
        await expectLocated(change);
        seen += 1;
      }),
      { numRuns: CHANGES, seed: SEED, endOnFailure: true },
    );
    console.log(`${seen} changes, each found and located (seed ${SEED})`);
    expect(seen).toBe(CHANGES);
  });

  const chosen =
    CHANGES >= 1000 ? everyDefinition : everyDefinition.filter((_change, index) => index % 5 === 0);
  it.each(chosen)('$kind', async (change) => {
    await expectLocated(change);
  });
});

describe('a copy without a change', () => {
  it(`is equal under other settings and another physical order, ${UNCHANGED} times`, {
    timeout: 3_600_000,
  }, async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(SETTINGS, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...DISTURBANCES),
        fc.constantFrom(64 * 1024, PART_BYTES, 1024 ** 3),
        async (settings, disturbance, partBytes) => {
          for (const setting of settings) await server.sql(`ALTER SYSTEM SET ${setting}`);
          await server.sql('SELECT pg_reload_conf()');
          try {
            const { equal, differences } = await compareAfter(disturbance, partBytes);
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
    console.log(`${seen} unchanged copies, no false alarm (seed ${SEED})`);
    expect(seen).toBe(UNCHANGED);
  });
});
