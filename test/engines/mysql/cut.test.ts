import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareManifests } from '../../../engines/compare.ts';
import { locateDifferences } from '../../../engines/locate.ts';
import type { Manifest } from '../../../engines/manifest.ts';
import { recordAsCrm } from '../../support/manifests.ts';
import { hasMariadb, type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';

const FILLING = 'filling varchar(500)';
const rows = (key: string): string => `SELECT ${key}, repeat('x', 400) FROM seq_1_to_2000`;
const uuid = "insert(insert(insert(insert(md5(seq), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')";

/** Keys that tables are cut along; those that name people are told as a hash. */
const KEYS: [name: string, statements: string][] = [
  ['numbers', `CREATE TABLE t (id int PRIMARY KEY, ${FILLING}); INSERT INTO t ${rows('seq')}`],
  [
    'negative numbers',
    `CREATE TABLE t (id bigint PRIMARY KEY, ${FILLING}); INSERT INTO t ${rows('1000 - CAST(seq AS SIGNED)')}`,
  ],
  [
    'two columns, the first a number',
    `CREATE TABLE t (tenant int, id int, ${FILLING}, PRIMARY KEY (tenant, id)); INSERT INTO t SELECT seq % 7, seq, repeat('x', 400) FROM seq_1_to_2000`,
  ],
  [
    'UUIDs as text',
    `CREATE TABLE t (id char(36) PRIMARY KEY, ${FILLING}) CHARSET utf8mb4; INSERT INTO t ${rows(uuid)}`,
  ],
  [
    'UUIDs as text of another character set, in capitals',
    `CREATE TABLE t (id char(36) CHARACTER SET latin1 COLLATE latin1_bin PRIMARY KEY, ${FILLING}); INSERT INTO t ${rows(`upper(${uuid})`)}`,
  ],
  [
    'UUIDs as bytes',
    `CREATE TABLE t (id binary(16) PRIMARY KEY, ${FILLING}); INSERT INTO t ${rows('unhex(md5(seq))')}`,
  ],
  [
    'names',
    `CREATE TABLE t (id varchar(60) PRIMARY KEY, ${FILLING}) COLLATE utf8mb4_unicode_ci; INSERT INTO t ${rows("concat(elt(seq % 5 + 1, '张', 'Ä', 'zoe', '', '0'), seq)")}`,
  ],
];

describe.skipIf(!hasMariadb)('a large table of MariaDB', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(async () => server?.stop());

  const record = (database: string, partBytes?: number): Promise<Manifest> =>
    recordAsCrm(server.engine(), database, { partBytes });

  it.each(KEYS)('is read in parts along %s, as exactly as at once', async (_name, statements) => {
    for (const database of ['a', 'b']) {
      await server.sql(`DROP DATABASE IF EXISTS ${database}; CREATE DATABASE ${database}`);
      await server.sql(statements, database);
      await server.sql('ANALYZE TABLE t', database);
    }
    const [whole, inParts] = [await record('a'), await record('a', 64 * 1024)];
    const [once, cut] = [whole, inParts].map(({ databases }) => databases[0]?.tables[0]);

    expect(cut?.parts?.read.length).toBeGreaterThan(3);
    expect({ rows: cut?.rows, digest: cut?.digest }).toEqual({ rows: 2000, digest: once?.digest });
    // Nothing of a key is kept: for text and bytes the boundaries follow from a rule.
    expect(JSON.stringify(inParts)).not.toMatch(/zoe|张|[0-9a-f]{8}-/i);

    await server.sql(`UPDATE t SET filling = 'canary' ORDER BY id LIMIT 1`, 'b');
    const copy = await record('b', 64 * 1024);
    const [found] = await locateDifferences(compareManifests(inParts, copy).differences, {
      source: { manifest: inParts, open: () => server.engine().locator('a') },
      copy: { manifest: copy, open: () => server.engine().locator('b') },
    });
    expect(found).toMatchObject({
      kind: 'content',
      rows: { missing: [], extra: [], changed: [expect.any(String)] },
      columns: ['filling'],
    });
    expect(found?.chunks).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('canary');
  });
});
