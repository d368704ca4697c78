import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSqlFile } from '../../../../sandbox/world/database/sql-file.ts';
import { readStatements } from '../../../../sandbox/world/database/sql-statements.ts';
import { startTestServer, type TestServer } from '../../../support/sandbox-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'lights-out-sql-'));
let files = 0;
const file = (text: string): string => {
  files += 1;
  const path = join(folder, `${files}.sql`);
  writeFileSync(path, text);
  return path;
};
const statements = async (text: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const item of readStatements(file(text))) found.push(`${item.line} ${item.kind} ${item.text}`);
  return found;
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('cutting a file into statements', () => {
  it.each([
    [
      'quotes',
      "SELECT 'a;b', \"c;d\";\nSELECT 'it''s;';",
      ['1 statement SELECT \'a;b\', "c;d"', "2 statement SELECT 'it''s;'"],
    ],
    [
      'escape strings',
      "SELECT E'a\\';b';SELECT 2;",
      ["1 statement SELECT E'a\\';b'", '1 statement SELECT 2'],
    ],
    [
      'dollar quotes',
      'DO $x$ BEGIN; $$ ; END $x$;\nSELECT 1;',
      ['1 statement DO $x$ BEGIN; $$ ; END $x$', '2 statement SELECT 1'],
    ],
    [
      'comments',
      '-- one; two\n/* a /* b; */ ; */ SELECT 1; -- end\n\\c other\nSELECT 2;',
      ['2 statement SELECT 1', '3 meta \\c other', '4 statement SELECT 2'],
    ],
    [
      'bodies of standard SQL',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\nSELECT 3;',
      [
        '1 statement CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END',
        '2 statement SELECT 3',
      ],
    ],
    [
      'a byte order mark and CRLF',
      '\uFEFF\\restrict abc\r\nSELECT 1;\r\n',
      ['1 meta \\restrict abc', '2 statement SELECT 1'],
    ],
    [
      'COPY blocks',
      'COPY t (a) FROM stdin;\n1;2\n\\N\n\\.\nSELECT 1;',
      ['1 copy COPY t (a) FROM stdin', '5 statement SELECT 1'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await statements(text)).toEqual(expected);
  });

  it.each([
    ['a string', "SELECT 1;\nSELECT 'oh", /2: a quoted string or name is not closed/],
    ['a dollar quote', 'SELECT $$ a', /1: a dollar-quoted string is not closed/],
    ['a comment', 'SELECT 1; /* a', /1: a comment is not closed/],
    ['a COPY block', 'COPY t FROM stdin;\n1\n', /1: the COPY block is not closed/],
    ['a statement', 'SELECT 1;\nSELECT 2', /2: the statement is not closed/],
  ])('names file and line of %s that is not closed', async (_name, text, problem) => {
    await expect(statements(text)).rejects.toMatchObject({
      name: 'SeedSqlError',
      message: expect.stringMatching(problem),
    });
  });
});

describe('loading into PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  it('loads what pg_dump writes: roles that are missing, COPY, other databases', async () => {
    const dump = file(
      [
        '\\restrict token',
        "SET client_encoding = 'UTF8';",
        'CREATE DATABASE "客户";',
        '\\connect "客户"',
        'CREATE TABLE public."odd ""name" (id int PRIMARY KEY, "备注" text);',
        'ALTER TABLE public."odd ""name" OWNER TO somebody_else;',
        'COPY public."odd ""name" (id, "备注") FROM stdin;',
        '1\t你好\\tworld',
        '2\t\\N',
        '\\.',
        '\\unrestrict token',
      ].join('\n'),
    );

    expect(await loadSqlFile(dump, 'postgres', server.connect)).toMatchObject({ databases: ['客户'] });
    const client = await server.connect('客户');
    const { rows } = await client.query('SELECT * FROM "odd ""name" ORDER BY id');
    await client.end();
    expect(rows).toEqual([
      { id: 1, 备注: '你好\tworld' },
      { id: 2, 备注: null },
    ]);
  });

  it.each([
    ['a syntax error', 'SELECT 1;\nSELCT 2;', /2: syntax error at or near "SELCT" \(in: SELCT 2\)/],
    [
      'a wrong number of columns',
      'CREATE TEMP TABLE c (a int, b int);\nCOPY c FROM stdin;\n1\n\\.\n',
      /2: missing data for column "b"/,
    ],
    ['an unknown psql command', '\\copy t from x\n', /1: psql command \\copy is not known here/],
    ['a database that is not there', '\\c nowhere\n', /1: database "nowhere" does not exist/],
    ['no statement at all', '-- nothing\n', /1: the file holds no statement/],
  ])('names file, line and statement of %s', async (_name, text, problem) => {
    await expect(loadSqlFile(file(text), 'postgres', server.connect)).rejects.toMatchObject({
      name: 'SeedSqlError',
      message: expect.stringMatching(problem),
    });
  });

  it('says when the file cannot be read', async () => {
    await expect(loadSqlFile(join(folder, 'missing.sql'), 'postgres', server.connect)).rejects.toMatchObject({
      name: 'SeedSqlError',
      message: expect.stringContaining('cannot be read'),
    });
  });
});
