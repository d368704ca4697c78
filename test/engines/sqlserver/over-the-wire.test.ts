import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../../cli/database-url.ts';
import { openLocator, recordDatabase } from '../../../cli/engines.ts';
import { compareManifests } from '../../../engines/compare.ts';
import type { Manifest } from '../../../engines/manifest.ts';
import { makeCertificates, type ServerCertificate } from '../../../sandbox/world/database/certificates.ts';
import { CATALOG, DATABASE, MAY_ALL, rowsHash } from './database.ts';
import type { Answers } from './fake-connection.ts';
import { TdsServer } from './tds-server.ts';
import type { Answer } from './tds-tokens.ts';

let folder: string;
let certificates: ServerCertificate;
const servers: TdsServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lights-out-sqlserver-'));
  certificates = await makeCertificates(Date.now());
  await writeFile(join(folder, 'ca.pem'), certificates.ca);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true });
});

const VERSION: Answers = [[/'ProductVersion'/, [{ version: '16.0.4125.3' }]]];

/** What a server with that database says to a statement. */
function said(answers: Answers, sql: string): Answer {
  if (/^(SET |BEGIN |ROLLBACK)/.test(sql)) return {};
  const found = answers.find(([statement]) => statement.test(sql))?.[1];
  if (found === undefined || found instanceof Error)
    return { errors: [{ number: 208, severity: 16, message: `not told what to say to ${sql}` }] };
  const rows = typeof found === 'function' ? found(sql) : found;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { columns, rows: rows.map((row) => columns.map((column) => row[column] ?? null)) };
}

interface Serving {
  extra?: Answers;
  /** Cuts the connection in place of the answer to this statement, counted from 1. */
  cutAt?: number;
}

async function serve({ extra = [], cutAt }: Serving = {}): Promise<TdsServer> {
  let asked = 0;
  const server = await TdsServer.start({
    certificate: certificates,
    answer: (sql) => {
      asked += 1;
      if (asked === cutAt) return { cut: true };
      return said([...extra, ...VERSION, ...MAY_ALL, ...DATABASE, ...CATALOG], sql);
    },
  });
  servers.push(server);
  return server;
}

const urlOf = (server: TdsServer): string =>
  `sqlserver://lights_out:p%40ss@localhost:${server.port}/crm?sslrootcert=${encodeURIComponent(join(folder, 'ca.pem'))}`;

function record(server: TdsServer): Promise<Manifest> {
  return recordDatabase(parseDatabaseUrl('--source', urlOf(server)), {
    copy: false,
    signal: AbortSignal.timeout(60_000),
    onProgress: () => undefined,
  });
}

/** The program itself, in a process of its own: with modules as Node loads them. */
async function lightsOut(
  ...argv: string[]
): Promise<{ code: number | null; printed: string; errors: string }> {
  const program = fileURLToPath(new URL('../../../cli/lights-out.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, errors] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed: await printed, errors: await errors };
}

/** Without what differs from one server and one moment to the next. */
const contents = ({ databases }: Manifest): Manifest['databases'] =>
  databases.map((database) => ({
    ...database,
    tables: [...database.tables].sort((a, b) => a.name.localeCompare(b.name)),
  }));

describe('a SQL Server over TDS', () => {
  it('is recorded by the URL of the command line, all of it inside TLS', async () => {
    const server = await serve();

    const manifest = await record(server);

    expect(manifest.databases[0]?.tables.map(({ rows }) => rows)).toEqual([3, 3]);
    expect(server.inTheClear).toEqual([]);
    expect(server.statements.some((sql) => /^SELECT 0 AS piece/.test(sql))).toBe(true);
  });

  it('that is cut off at any one statement gives the same manifest in the end', async () => {
    const whole = await serve();
    const expected = contents(await record(whole));
    const statements = whole.statements.length;
    expect(statements).toBeGreaterThan(70);

    for (let cutAt = 1; cutAt <= statements; cutAt += 6) {
      const manifest = await record(await serve({ cutAt }));

      expect(contents(manifest), `cut at statement ${cutAt} of ${statements}`).toEqual(expected);
      expect(manifest).not.toHaveProperty('incomplete');
    }
  });

  it.each<[string, Answers, string, string]>([
    ['a row', [rowsHash('5')], 'crm: [dbo].[t1]', 'content'],
    [
      'a definition',
      [[/o\.type IN \('V'\) /, [{ name: '[dbo].[v]', definition: 'CREATE VIEW v AS SELECT 1 AS a' }]]],
      'crm: view [dbo].[v]',
      'extra',
    ],
    [
      'an identity that is behind',
      [
        [
          /sys\.identity_columns AS c\n/,
          [{ name: '[dbo].[t1].[id]', value: '9', called: '1', increment: '1', cache: '1000' }],
        ],
      ],
      'crm: [dbo].[t1].[id]',
      'extra',
    ],
  ])('differs from its copy by %s', async (_what, extra, object, kind) => {
    const [source, copy] = [await record(await serve()), await record(await serve({ extra }))];

    const { equal, differences } = compareManifests(source, copy);

    expect(equal).toBe(false);
    expect(differences).toContainEqual(expect.objectContaining({ object, kind }));
  });

  it('may have an identity ahead by a block of numbers, and no more', async () => {
    const identity = (value: string): Answers => [
      [
        /sys\.identity_columns AS c\n/,
        [{ name: '[dbo].[t1].[id]', value, called: '1', increment: '1', cache: '1000' }],
      ],
    ];
    const recorded = await Promise.all(
      ['10', '1011', '1012', '9'].map(async (value) => record(await serve({ extra: identity(value) }))),
    );
    const [source, ...copies] = recorded as [Manifest, ...Manifest[]];

    expect(copies.map((copy) => compareManifests(source, copy).equal)).toEqual([true, false, false]);
  });

  it('is compared by the command line: 0 when equal, 1 when not, 2 when it could not be', async () => {
    const otherStart = (day: string): Answers => [
      [
        /SERVERPROPERTY\('ServerName'\)/,
        [{ server: 'SQL1', machine: 'M', edition: 'E', started: `2026-11-${day}T00:00:00` }],
      ],
    ];
    const source = await serve({ extra: otherStart('20') });
    const copy = await serve({ extra: otherStart('21') });
    const changed = await serve({
      extra: [
        ...otherStart('22'),
        [/o\.type IN \('V'\) /, [{ name: '[dbo].[v]', definition: 'CREATE VIEW v AS SELECT 1 AS a' }]],
      ],
    });
    const closed = `sqlserver://u:p@localhost:1/crm?sslmode=disable`;

    const [equal, different, impossible] = [
      await lightsOut('verify', '--source', urlOf(source), '--restored', urlOf(copy), '--json'),
      await lightsOut('verify', '--source', urlOf(source), '--restored', urlOf(changed), '--json'),
      await lightsOut('verify', '--source', urlOf(source), '--restored', closed),
    ];

    expect([equal.code, different.code, impossible.code]).toEqual([0, 1, 2]);
    expect(JSON.parse(equal.printed)).toMatchObject({
      equal: true,
      engine: 'sqlserver',
      tables: 2,
      rows: 6,
      differences: [],
    });
    expect(JSON.parse(different.printed)).toMatchObject({
      differences: [{ object: 'crm: view [dbo].[v]', kind: 'extra' }],
    });
    expect(impossible.errors).toContain('ECONNREFUSED');
    expect(equal.printed + different.printed + impossible.errors).not.toContain('p@ss');
  });

  it('is asked again where it differs', async () => {
    const server = await serve({ extra: [[/i\.index_id AS \[index\]/, [{ index: '1', name: 'id' }]]] });

    const locator = await openLocator('--source', parseDatabaseUrl('--source', urlOf(server)));

    expect(await locator.keyOf({ name: '[dbo].[t1]', rows: 3, digest: '' })).toBe(
      'CONVERT(nvarchar(41), t.[id])',
    );
    await locator.close();
  });

  it('that refuses the login is named by its option, and its password is not', async () => {
    const login = {
      errors: [{ number: 18456, severity: 14, message: "Login failed for user 'lights_out'." }],
    };
    const server = await TdsServer.start({ certificate: certificates, answer: () => ({}), login });
    servers.push(server);

    await expect(openLocator('--restored', parseDatabaseUrl('--restored', urlOf(server)))).rejects.toThrow(
      /^--restored: database "crm" at localhost:\d+ refused the connection \(error 18456/,
    );
  });
});
