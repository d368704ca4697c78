import { beforeEach, describe, expect, it } from 'vitest';
import { recordManifest } from '../../../engines/recorder.ts';
import { SqlServerError } from '../../../engines/sqlserver/errors.ts';
import { CATALOG, DATABASE, DRAIN, MAY_ALL } from './database.ts';
import type { Answers } from './fake-connection.ts';
import { connections, engine, forgetConnections, statements } from './fake-engine.ts';

beforeEach(forgetConnections);

describe('recording', () => {
  it('records a database in snapshots, a memory-optimised table outside of them, and closes what it opened', async () => {
    const { manifest } = await recordManifest(engine([...MAY_ALL, ...DATABASE, ...CATALOG]), {});

    expect(manifest).toMatchObject({
      engine: 'sqlserver',
      engineVersion: '16.0.1000.6',
      server: {
        instance: 'SQL1 / EC2AMAZ-1 / Standard Edition',
        startedAt: '2026-11-24T01:02:03Z',
        writePosition: 'crm 0000002a:00000100:0001',
      },
    });
    expect(manifest.databases.map(({ name }) => name)).toEqual(['crm']);
    const [database] = manifest.databases;
    expect(database?.notCompared).toEqual([]);
    expect(database?.tables.map(({ name, rows, digest }) => [name, rows, digest])).toEqual([
      ['[dbo].[t1]', 3, '0000000000000001ffffffffffffffff'],
      ['[dbo].[t2]', 3, '0000000000000001ffffffffffffffff'],
    ]);
    const reading = connections.filter(({ connection }) =>
      connection.statements.some((sql) => /^SELECT 0 AS piece/.test(sql)),
    );
    expect(reading.map(({ connection }) => connection.statements.map((sql) => sql.slice(0, 42)))).toEqual([
      ['SET TRANSACTION ISOLATION LEVEL SNAPSHOT', 'BEGIN TRANSACTION', expect.stringMatching(/^SELECT 0/)],
      [expect.stringMatching(/^SELECT 0/)],
    ]);
    expect(reading[1]?.connection.statements.join()).toContain('[dbo].[t2]');
    expect(connections.every(({ connection }) => connection.closed === 1)).toBe(true);
    expect(statements().filter((sql) => !/^(SELECT|SET|BEGIN|IF OBJECT_ID)/.test(sql))).toEqual([]);
  });

  it('hashes a few hundred columns a statement: twenty wide tables would be a plan of thousands', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => String(index));
    const wide: Answers = [
      [
        /FROM sys\.tables AS t\n/,
        ids.map((id) => ({ id, name: `[dbo].[t${id}]`, bytes: '8192', clustered: '0', durability: '0' })),
      ],
      [
        /FROM sys\.columns AS c\n/,
        ids.flatMap((id) =>
          Array.from({ length: 200 }, (_, index) => ({
            id,
            name: `c${index}`,
            type: 'int',
            length: '4',
            encrypted: '0',
          })),
        ),
      ],
    ];

    const { manifest } = await recordManifest(engine([...wide, ...MAY_ALL, ...DATABASE, ...CATALOG]), {});

    expect(manifest.databases[0]?.tables).toHaveLength(6);
    const tables = statements().flatMap((sql) =>
      sql.startsWith('SELECT 0 AS piece') ? [sql.split('UNION ALL').length] : [],
    );
    expect(tables).toEqual([2, 2, 2]);
  });

  it('says so where the database allows no snapshots', async () => {
    const without: Answers = [[/snapshot_isolation_state AS state/, [{ state: '0' }]]];

    const { manifest } = await recordManifest(engine([...without, ...MAY_ALL, ...DATABASE, ...CATALOG]), {});

    expect(manifest.databases[0]?.notCompared).toEqual([
      { object: 'one moment', reason: expect.stringContaining('ALLOW_SNAPSHOT_ISOLATION is OFF') as unknown },
    ]);
    expect(statements()).not.toContain('BEGIN TRANSACTION');
  });

  it('tells a write position only to who may see it', async () => {
    const blind: Answers = [[/'VIEW SERVER STATE'/, [{ allowed: '0' }]]];

    const { server } = await engine([...blind, ...DATABASE]).look();

    expect(server).not.toHaveProperty('writePosition');
  });

  it.each([
    ['a commit may be answered before it is written', { lsn: '0000002a:00000100:0001', delayed: '1' }],
    ['the server tells none', { lsn: null, delayed: '0' }],
  ])('tells no write position where %s', async (_case, told) => {
    const answer: Answers = [[/CROSS APPLY sys\.dm_db_log_stats/, [{ name: 'crm', ...told }]]];

    const { server } = await engine([...answer, ...MAY_ALL, ...DATABASE]).look();

    expect(server).not.toHaveProperty('writePosition');
  });

  it('does without it where the server refuses to tell, but not without a connection', async () => {
    const saying = (error: SqlServerError): Answers => [[/CROSS APPLY sys\.dm_db_log_stats/, error]];
    const refused = new SqlServerError('300', 'VIEW SERVER SECURITY STATE permission was denied', {
      severity: 14,
    });
    const lost = new SqlServerError('ECONNCLOSED', 'gone');

    const { server } = await engine([...saying(refused), ...MAY_ALL, ...DATABASE]).look();

    expect(server).not.toHaveProperty('writePosition');
    await expect(engine([...saying(lost), ...MAY_ALL, ...DATABASE]).look()).rejects.toBe(lost);
  });

  const RIGHTS = { user: '[lights_out]', selects: '1', definitions: '1', unmask: '1', state: '1' };
  it.each([
    ['rows', { selects: '0' }, [], 'USE [crm]; ALTER ROLE db_datareader ADD MEMBER [lights_out];'],
    ['definitions', { definitions: '0' }, [], 'USE [crm]; GRANT VIEW DEFINITION TO [lights_out];'],
    [
      'what a mask hides',
      { unmask: '0' },
      [[/sys\.masked_columns AS c JOIN/, [{ name: '[dbo].[t1].[phone]' }]]],
      'USE [crm]; GRANT UNMASK TO [lights_out];',
    ],
    [
      'what a policy hides',
      {},
      [
        [/security_policies AS y/, [{ name: '[dbo].[t1]', rows: '10' }]],
        [/COUNT_BIG\(\*\)\) AS \[rows\] FROM \[dbo\]\.\[t1\]/, [{ rows: '9' }]],
      ],
      'ALTER SECURITY POLICY',
    ],
  ] as [string, object, Answers, string][])(
    'refuses to compare when it does not see %s: hidden on both sides would look equal',
    async (_what, changes, extra, remedy) => {
      const rights: Answers = [[/HAS_PERMS_BY_NAME\(DB_NAME\(\)/, [{ ...RIGHTS, ...changes }]]];
      const blind = engine([...extra, ...rights, ...MAY_ALL, ...DATABASE, ...CATALOG]);

      await expect(recordManifest(blind, {})).rejects.toMatchObject({
        name: 'VerificationImpossible',
        message: expect.stringContaining(remedy) as unknown,
      });

      const inspected = await blind.inspect({
        resource: 'database crm-db',
        user: 'lights_out',
        wanted: ['crm'],
        drain: DRAIN,
      });
      expect(inspected.reasons).toEqual([
        expect.objectContaining({ remedy: expect.stringContaining(remedy) as unknown }),
      ]);
    },
  );

  it('reads a table under a policy that hides nothing from it', async () => {
    const policy: Answers = [
      [/security_policies AS y/, [{ name: '[dbo].[t1]', rows: '10' }]],
      [/COUNT_BIG\(\*\)\) AS \[rows\] FROM \[dbo\]\.\[t1\]/, [{ rows: '10' }]],
    ];

    await expect(
      recordManifest(engine([...policy, ...MAY_ALL, ...DATABASE, ...CATALOG]), {}),
    ).resolves.toMatchObject({
      complete: true,
    });
  });

  it('names tables whose very names a DENY hides', async () => {
    const hidden: Answers = [[/COUNT\(DISTINCT p\.object_id\)/, [{ hidden: '2' }]]];

    const { manifest } = await recordManifest(engine([...hidden, ...MAY_ALL, ...DATABASE, ...CATALOG]), {});

    expect(manifest.databases[0]?.notCompared).toEqual([
      { object: '2 tables', reason: expect.stringContaining('DENY') as unknown },
    ]);
  });

  it('looks from the first database that opens', async () => {
    const answers = [...MAY_ALL, ...DATABASE];

    await engine(answers, { home: ['gone', 'master'], refuse: { gone: '4060' } }).look();

    expect(connections.map(({ database }) => database)).toEqual(['master']);
    await expect(
      engine(answers, { home: ['crm', 'master'], refuse: { crm: '18456' } }).look(),
    ).rejects.toThrow('refused');
  });
});
