import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../engines/engine.ts';
import { checkDatabase } from '../../../engines/sqlserver/check.ts';
import { SqlServerError } from '../../../engines/sqlserver/errors.ts';
import { type Answers, type FakeConnection, type FakeOptions, fakeConnection } from './fake-connection.ts';

const ANSWERS: Answers = [
  [/IS_MEMBER\('db_owner'\)/, [{ user: '[lights_out]', allowed: '1' }]],
  [
    /sys\.objects AS o/,
    [
      { name: '[dbo].[a]', 'memory-optimised': '0', external: '0' },
      { name: "[dbo].[b'c]", 'memory-optimised': '0', external: '0' },
      { name: '[dbo].[m]', 'memory-optimised': '1', external: '0' },
      { name: '[dbo].[x]', 'memory-optimised': '0', external: '1' },
    ],
  ],
];

const WELL: FakeOptions['errors'] = [[/^DBCC /, []]];

const LEFT_OUT = ['[dbo].[m]', '[dbo].[x]'];

function check(errors: FakeOptions['errors'], options = {}, answers = ANSWERS) {
  const connections: FakeConnection[] = [];
  const connect = async (): Promise<FakeConnection> => {
    const connection = fakeConnection(answers, { errors: errors ?? [] });
    connections.push(connection);
    return connection;
  };
  return { connections, result: checkDatabase(connect, 'crm', options) };
}

const message = (number: number, severity = 16) => ({
  number,
  severity,
  state: 98,
  message: "Data row identified by (name = 'Mrs Smith')",
});

describe('DBCC', () => {
  it('checks allocation, each table and the catalog, and names what it cannot check', async () => {
    const { connections, result } = check(WELL);

    expect(await result).toEqual({
      method: 'DBCC CHECKALLOC, CHECKTABLE of 2 tables and indexed views, CHECKCATALOG',
      checked: ['allocation', '[dbo].[a]', "[dbo].[b'c]", 'catalog'],
      complete: true,
      problems: [],
      notChecked: LEFT_OUT.map((object) => ({ object, reason: expect.any(String) as unknown })),
    });
    const [connection] = connections;
    expect(connection?.closed).toBe(1);
    expect(connection?.statements.filter((sql) => sql.startsWith('DBCC'))).toEqual([
      'DBCC CHECKALLOC WITH NO_INFOMSGS, ALL_ERRORMSGS',
      "DBCC CHECKTABLE (N'[dbo].[a]') WITH NO_INFOMSGS, ALL_ERRORMSGS, TABLOCK",
      "DBCC CHECKTABLE (N'[dbo].[b''c]') WITH NO_INFOMSGS, ALL_ERRORMSGS, TABLOCK",
      'DBCC CHECKCATALOG WITH NO_INFOMSGS',
    ]);
  });

  it('goes on where an earlier call ended, and begins nothing when the time is up', async () => {
    const late = await check(WELL, { stopAt: Date.now() - 1 }).result;
    const rest = check(WELL, { checked: ['allocation', '[dbo].[a]'] });

    expect(late).toMatchObject({ complete: false, checked: [] });
    expect(await rest.result).toMatchObject({ complete: true });
    expect(rest.connections[0]?.statements.filter((sql) => sql.startsWith('DBCC'))).toHaveLength(2);
  });

  it('tells damage by numbers, never by words that quote a row', async () => {
    const { result } = check([[/\[a\]/, [message(8939), message(8955)]], ...(WELL ?? [])]);

    const { problems } = await result;

    expect(problems).toEqual([
      {
        object: '[dbo].[a]',
        problem: expect.stringContaining('DBCC error 8939, severity 16, state 98') as unknown,
      },
      { object: '[dbo].[a]', problem: expect.stringContaining('DBCC error 8955') as unknown },
    ]);
    expect(JSON.stringify(problems)).not.toContain('Smith');
  });

  const reasonsOf = ({ notChecked }: CheckResult) =>
    notChecked.filter(({ object }) => !LEFT_OUT.includes(object));

  it.each([
    ['a lock', [message(1222)]],
    ['no room for its work', [message(8921)]],
    ['too little time', new SqlServerError('ETIMEOUT', 'Timeout: Request failed to complete in 240000ms')],
    ['an error of its own', new SqlServerError('596', 'Cannot continue the execution', { severity: 21 })],
  ])('does not call a table sound that was not checked for %s', async (_what, answer) => {
    const { result } = check([[/\[a\]/, answer], ...(WELL ?? [])]);

    const checked = await result;

    expect(checked.problems).toEqual([]);
    expect(reasonsOf(checked)).toEqual([{ object: '[dbo].[a]', reason: expect.any(String) as unknown }]);
    expect(checked.complete).toBe(true);
  });

  it('goes on over a new connection behind a page that ended the first', async () => {
    const damaged = new SqlServerError('824', 'SQL Server detected a logical consistency-based I/O error', {
      severity: 24,
    });
    const { connections, result } = check([[/\[a\]/, damaged], ...(WELL ?? [])]);

    const { problems, checked } = await result;

    expect(problems).toEqual([
      { object: '[dbo].[a]', problem: expect.stringContaining('error 824') as unknown },
    ]);
    expect(checked).toContain('catalog');
    expect(connections.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it('does not go on when the server is gone', async () => {
    const { connections, result } = check([
      [/\[a\]/, new SqlServerError('ECONNCLOSED', 'gone')],
      ...(WELL ?? []),
    ]);

    await expect(result).rejects.toThrow('gone');
    expect(connections[0]?.closed).toBe(1);
  });

  it('says which role it needs, and checks nothing, where the user may not', async () => {
    const answers: Answers = [[/IS_MEMBER\('db_owner'\)/, [{ user: '[lights_out]', allowed: '0' }]]];

    const result = await check(WELL, {}, answers).result;

    expect(result).toMatchObject({ complete: true, checked: [], problems: [] });
    expect(result.notChecked).toEqual([
      {
        object: 'crm',
        reason: expect.stringContaining('ALTER ROLE db_owner ADD MEMBER [lights_out]') as unknown,
      },
    ]);
  });
});
