import { beforeEach, describe, expect, it } from 'vitest';
import { LightsOutError } from '../../../../../functions/shared/contract/errors.ts';
import type { Engine } from '../../../../../functions/shared/engines/engine.ts';
import { recordManifest } from '../../../../../functions/shared/engines/recorder.ts';
import { sqlServerEngine } from '../../../../../functions/shared/engines/sqlserver/engine.ts';
import { SqlServerError } from '../../../../../functions/shared/engines/sqlserver/errors.ts';
import { CATALOG, DATABASE, MAY_ALL } from './database.ts';
import { type Answers, type FakeConnection, type FakeOptions, fakeConnection } from './fake-connection.ts';

const connections: { database: string; connection: FakeConnection }[] = [];

beforeEach(() => {
  connections.length = 0;
});

function engine(
  answers: Answers,
  options: FakeOptions & { home?: string[]; refuse?: Record<string, string> } = {},
): Engine {
  return sqlServerEngine({
    address: 'db.example.com',
    port: 1433,
    home: options.home,
    connect: async (database) => {
      const code = options.refuse?.[database];
      if (code !== undefined)
        throw new LightsOutError('DatabaseUnreachable', 'refused', { cause: new SqlServerError(code, 'no') });
      const connection = fakeConnection(answers, options);
      connections.push({ database, connection });
      return connection;
    },
  });
}

const statements = (): string[] => connections.flatMap(({ connection }) => connection.statements);

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

const DRAIN = {
  policy: 'abort' as const,
  timeoutMinutes: 15,
  ignoreUsers: [],
  ignoreApplications: [],
};

describe('sessions', () => {
  const session = (login: string, program: string, database: string, original = login) => ({
    login,
    original,
    program,
    database,
  });
  const all: Answers = [
    ...MAY_ALL,
    [
      /sys\.dm_exec_sessions/,
      [
        session('anna', 'CRM', 'crm'),
        session('Bo', 'CRM', 'CRM'),
        session('crm_service', 'Queue', 'crm'),
        session('eve', 'lights-out', 'crm'),
        session('dan', 'Excel', 'other'),
        session('eve', 'CRM', 'crm', 'CRM_Service'),
      ],
    ],
  ];

  it.each([
    ['all people', {}, 5],
    ['of some databases', { databases: ['Crm'] }, 4],
    ['without some users, whoever they act as', { ignoreUsers: ['CRM_SERVICE'] }, 3],
    ['without some applications', { ignoreApplications: ['crm', 'EXCEL'] }, 1],
  ])('counts %s', async (_what, filter, expected) => {
    const count = await engine(all).countSessions({ ignoreUsers: [], ignoreApplications: [], ...filter });

    expect(count).toBe(expected);
    const asked = statements().find((sql) => sql.includes('dm_exec_sessions')) ?? '';
    for (const word of ['is_user_process = 1', '@@SPID', 'rdsadmin', 'NT AUTHORITY', 'NT SERVICE'])
      expect(asked).toContain(word);
  });

  it.each([
    [15, 'USE master; GRANT VIEW SERVER STATE TO <login>;'],
    [16, 'USE master; GRANT VIEW SERVER PERFORMANCE STATE TO <login>;'],
  ])('does not count nobody when it sees nobody (major version %i)', async (major, grant) => {
    const blind: Answers = [[/'VIEW SERVER STATE'/, [{ allowed: '0' }]]];

    await expect(
      engine(blind, { major }).countSessions({ ignoreUsers: [], ignoreApplications: [] }),
    ).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining(grant) as unknown,
    });

    const inspected = await engine(
      [...blind, ...MAY_ALL, ...DATABASE, [/FROM sys\.tables\)/, [{ tables: '2', bytes: '5' }]]],
      { major },
    ).inspect({
      resource: 'database crm-db',
      user: 'lights out',
      wanted: ['crm'],
      drain: DRAIN,
    });
    expect(inspected.reasons).toEqual([
      expect.objectContaining({ remedy: `run: ${grant.replace('<login>', '[lights out]')}` }),
    ]);
  });

  const asked = { ignoreUsers: [], ignoreApplications: [], databases: ['crm'] };

  it('asks the system’s own query in its database, as one SELECT in a transaction that is rolled back', async () => {
    const answers: Answers = [
      [/^(BEGIN TRANSACTION|IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION)$/, []],
      [/q\.sessions/, [{ sessions: '7' }]],
    ];

    const count = await engine(answers).countSessions({
      ...asked,
      sessionQuery: 'SELECT COUNT(*) FROM dbo.online -- now\n; ',
    });

    expect(count).toBe(7);
    expect(connections.map(({ database }) => database)).toEqual(['crm']);
    expect(statements()).toEqual([
      'BEGIN TRANSACTION',
      'SELECT CONVERT(varchar(40), q.sessions) AS sessions FROM (\nSELECT COUNT(*) FROM dbo.online -- now\n\n) AS q (sessions)',
      'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION',
    ]);
  });

  it.each([
    ['gives no number', [{ sessions: 'many' }]],
    ['gives several rows', [{ sessions: '1' }, { sessions: '2' }]],
    ['gives nothing', [{ sessions: null }]],
    ['fails', new SqlServerError('208', "Invalid object name 'dbo.online'.", { severity: 16 })],
  ])('says what is wrong with a query that %s', async (_what, answer) => {
    const answers: Answers = [
      [/TRAN/, []],
      [/q\.sessions/, answer],
    ];

    await expect(engine(answers).countSessions({ ...asked, sessionQuery: 'SELECT 1' })).rejects.toMatchObject(
      {
        name: 'InvalidConfiguration',
        message: expect.stringContaining('drain.sessionQuery') as unknown,
      },
    );
    expect(statements().at(-1)).toContain('ROLLBACK');
  });
});

describe('inspecting', () => {
  const contents: Answers = [
    [/FROM sys\.tables\)/, [{ tables: '12', bytes: '8388608' }]],
    [/sys\.dm_exec_sessions/, []],
  ];
  const question = { resource: 'database crm-db', user: 'lights]out', wanted: undefined, drain: DRAIN };

  it('finds nothing to complain of where everything may be seen', async () => {
    const inspected = await engine([...contents, ...MAY_ALL, ...DATABASE]).inspect({
      ...question,
      wanted: ['crm'],
    });

    expect(inspected).toEqual({
      version: '16.0.1000.6',
      databases: [{ name: 'crm', bytes: 8_388_608, tables: 12 }],
      sessions: 0,
      reasons: [],
    });
  });

  it('names databases that are missing and that may not be opened, with the statement that opens them', async () => {
    const inspected = await engine([...contents, ...MAY_ALL, ...DATABASE]).inspect({
      ...question,
      wanted: ['CRM', 'closed'],
    });

    expect(inspected.reasons.map(({ remedy }) => remedy)).toEqual([
      'correct database.databases in systems.ts (upper and lower case count)',
      'run: USE [closed]; CREATE USER [lights]]out] FOR LOGIN [lights]]out]; ALTER ROLE db_datareader ADD MEMBER [lights]]out]; GRANT VIEW DEFINITION TO [lights]]out];',
    ]);
  });

  it('puts a server’s own error into a reason without a row’s value, and goes on', async () => {
    const error = new SqlServerError(
      '245',
      "Conversion failed when converting the varchar value 'Mrs Smith'",
      { severity: 16, state: 1 },
    );

    const inspected = await engine([
      [/FROM sys\.tables\)/, error],
      ...contents,
      ...MAY_ALL,
      ...DATABASE,
    ]).inspect({
      ...question,
      wanted: ['crm'],
    });

    expect(inspected.reasons[0]?.problem).toBe(
      'database "crm" could not be looked at (error 245, severity 16, state 1; its message is left out, since it may quote a row)',
    );
    expect(JSON.stringify(inspected)).not.toContain('Smith');
  });
});
