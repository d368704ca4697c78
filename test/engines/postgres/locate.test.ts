import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import { locateDifferences, type Side } from '../../../engines/locate.ts';
import type { Difference, Manifest } from '../../../engines/manifest.ts';
import { postgresLocator } from '../../../engines/postgres/locator.ts';
import { asCrm } from '../../support/manifests.ts';
import { standing } from './standing.ts';

const stage = standing();
const { database } = stage;

const BIG = `CREATE TABLE big (id int PRIMARY KEY, filling text) WITH (autovacuum_enabled = off);
  INSERT INTO big SELECT i, repeat('x', 500) FROM generate_series(1, 4000) i`;
const PART_BYTES = 256 * 1024;

async function record(name: string, connect?: (each: string) => Promise<pg.Client>): Promise<Manifest> {
  return asCrm(await stage.record(name, { partBytes: PART_BYTES, connect }));
}

const side = (manifest: Manifest, name: string): Side => ({
  manifest,
  open: async () => postgresLocator(await stage.server.reader(name)),
});

describe('locateDifferences', () => {
  it('looks only into the parts of a large table that differ', async () => {
    const [source, copy] = [await database(BIG), await database(BIG)];
    // Changed where it lies: the row's new version goes behind all others, and what it leaves is gone.
    await stage.server.sql('DELETE FROM big WHERE id = 7', copy);
    const [a, b] = [await record(source), await record(copy)];

    const [found] = await locateDifferences(compareManifests(a, b).differences, {
      source: side(a, source),
      copy: side(b, copy),
    });

    expect(found).toMatchObject({
      object: 'crm: "public"."big"',
      kind: 'rows',
      chunks: [expect.stringMatching(/^blocks 0–\d+$/)],
      rows: { missing: ['7'], extra: [], changed: [], all: true },
      keys: ['7'],
    });
  });

  it('names no more keys than it may, and says that there are more', async () => {
    const [source, copy] = [await database(BIG), await database(BIG)];
    await stage.server.sql(`UPDATE big SET filling = 'canary'`, copy);
    const [a, b] = [await record(source), await record(copy)];

    const [found] = await locateDifferences(compareManifests(a, b).differences, {
      source: side(a, source),
      copy: side(b, copy),
      keys: 3,
    });

    expect(found?.keys).toHaveLength(3);
    expect(found?.columns).toEqual(['filling']);
    expect(found?.rows).toMatchObject({ all: false, limit: 3 });
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('tells a stray write from a bad backup', async () => {
    const [source, copy] = [await database(BIG), await database(BIG)];
    const a = await record(source);
    await stage.server.sql(`UPDATE big SET filling = 'late' WHERE id = 5`, source);
    await stage.server.sql(`UPDATE big SET filling = 'late' WHERE id = 5`, copy);
    const b = await record(copy);

    const [found] = await locateDifferences(compareManifests(a, b).differences, {
      source: side(a, source),
      copy: side(b, copy),
    });

    expect(found).toMatchObject({
      strayWrite: true,
      detail: expect.stringMatching(/equal now.*stray write/),
    });
  });

  it('keeps the difference, and says why, when it cannot be looked up', async () => {
    const source = await database(BIG);
    const a = await record(source);
    const differences: Difference[] = [{ object: 'crm: "public"."big"', kind: 'content', detail: 'differs' }];

    const found = await locateDifferences(differences, {
      source: side(a, source),
      copy: { manifest: a, open: () => Promise.reject(new Error('the copy is gone')) },
    });

    expect(found).toEqual([
      { ...differences[0], detail: 'differs; where exactly could not be looked up (the copy is gone)' },
    ]);
  });
});

describe('a connection that is cut at every statement in turn', () => {
  /** Connections whose `at`-th statement, over all of them, is the server's last. */
  function cutting(at: number): { connect: (name: string) => Promise<pg.Client>; cut: () => boolean } {
    let statements = 0;
    const connect = async (name: string): Promise<pg.Client> => {
      const client = await stage.server.reader(name);
      const query = client.query.bind(client) as (...parameters: unknown[]) => Promise<unknown>;
      client.query = (async (...parameters: unknown[]) => {
        statements += 1;
        if (statements === at) {
          await client.end();
          throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
        }
        return query(...parameters);
      }) as typeof client.query;
      return client;
    };
    return { connect, cut: () => statements >= at };
  }

  it('ends in the same manifest, or in a clear error', { timeout: 120_000 }, async () => {
    const name = await database(`${BIG}; CREATE TABLE small (id int); CREATE SEQUENCE s`);
    const whole = await record(name);
    let [recovered, refused] = [0, 0];
    for (let at = 1; ; at += 1) {
      const { connect, cut } = cutting(at);
      try {
        const manifest = await record(name, connect);
        if (!cut()) break;
        expect(compareManifests(whole, manifest).differences, `cut at ${at}`).toEqual([]);
        recovered += 1;
      } catch (error) {
        expect(error, `cut at ${at}`).toMatchObject({
          name: expect.stringMatching(/^(VerificationImpossible|DatabaseUnreachable)$/),
          message: expect.stringContaining('ECONNRESET'),
        });
        refused += 1;
      }
      if (at > 500) throw new Error('more statements than there can be');
    }
    expect(recovered).toBeGreaterThan(20);
    // Only the look at the server itself is not tried again by the engine: the step is.
    expect(refused).toBeLessThan(5);
  });
});
