import { beforeEach, describe, expect, it } from 'vitest';
import { SqlServerError } from '../../../engines/sqlserver/errors.ts';
import { DATABASE, DRAIN, MAY_ALL } from './database.ts';
import type { Answers } from './fake-connection.ts';
import { connections, engine, forgetConnections, statements } from './fake-engine.ts';

beforeEach(forgetConnections);

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
    for (const word of [
      'is_user_process = 1',
      '@@SPID',
      'rdsadmin',
      'NT AUTHORITY',
      'NT SERVICE',
      'SQLAgent - TSQL JobStep%',
    ])
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

  it('asks a statement for its first value, as one SELECT of one column in a transaction that is rolled back', async () => {
    const answers: Answers = [
      [/^(BEGIN TRANSACTION|IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION)$/, []],
      [/q\.value/, [{ value: '42' }]],
    ];

    expect(await engine(answers).firstValue('crm', 'SELECT version FROM dbo.settings;')).toBe('42');
    expect(connections.map(({ database }) => database)).toEqual(['crm']);
    expect(statements()).toEqual([
      'BEGIN TRANSACTION',
      'SELECT TOP (1) CONVERT(nvarchar(4000), q.value) AS value FROM (\nSELECT version FROM dbo.settings\n) AS q (value)',
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
