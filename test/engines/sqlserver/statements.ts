import { recordManifest } from '../../../engines/recorder.ts';
import { checkDatabase } from '../../../engines/sqlserver/check.ts';
import { sqlServerEngine } from '../../../engines/sqlserver/engine.ts';
import { CATALOG, DATABASE, MAY_ALL } from './database.ts';
import { type Answers, fakeConnection } from './fake-connection.ts';
import { TYPED_COLUMNS } from './stored-values.ts';

const GIB = 1024 ** 3;

/** A large table with a column of every type, and names that have to be quoted; a second one that is cut by a uniqueidentifier. */
const TABLES: Answers = [
  [
    /FROM sys\.tables AS t\n/,
    [
      { id: '1', name: "[dbo].[every]] 'type']", bytes: String(9 * GIB), clustered: '1', leading: 'int' },
      { id: '2', name: '[客户].[b]', bytes: String(9 * GIB), clustered: '1', leading: 'uniqueidentifier' },
    ],
  ],
  [
    /FROM sys\.columns AS c\n/,
    TYPED_COLUMNS.flatMap(({ column }) =>
      ['1', '2'].map((id) => ({
        id,
        name: column.name,
        type: column.type,
        length: String(column.maxLength),
        precision: String(column.precision),
        scale: String(column.scale),
        encrypted: '0',
      })),
    ),
  ],
  [/MIN\(/, [{ first: '1', last: '1000000' }]],
  [
    /i\.index_id AS \[index\]/,
    [
      { index: '1', name: 'int' },
      { index: '1', name: 'nvarchar' },
    ],
  ],
  [/sys\.masked_columns AS c JOIN/, []],
  [/security_policies AS y/, [{ name: '[dbo].[b]', rows: '3' }]],
  [/COUNT_BIG\(\*\)\) AS \[rows\]/, [{ rows: '3' }]],
  [/'UNMASK'/, [{ user: '[u]', selects: '1', definitions: '1', unmask: '0', state: '1' }]],
];

const OTHERS: Answers = [
  [/IS_MEMBER\('db_owner'\)/, [{ user: '[u]', allowed: '1' }]],
  [
    /sys\.objects AS o JOIN.*is_memory_optimized/s,
    [{ name: "[dbo].[every]] 'type']", 'memory-optimised': '0', external: '0' }],
  ],
  [/is_memory_optimized, 0\)/, [{ name: "[dbo].[every]] 'type']", 'memory-optimised': '0', external: '0' }]],
  [/q\.sessions/, [{ sessions: '1' }]],
  [/GROUP BY bucket|^SELECT TOP/, []],
  [/FROM sys\.tables\)/, [{ tables: '2', bytes: '1' }]],
  [/TRAN/, []],
];

/** Everything that the engine ever asks a server of that version, each once. */
export async function everyStatement(major: number): Promise<string[]> {
  const said = new Set<string>();
  const connect = async () => {
    const connection = fakeConnection([...TABLES, ...OTHERS, ...MAY_ALL, ...DATABASE, ...CATALOG], {
      major,
      errors: [[/^DBCC/, []]],
    });
    const { query, stream, errorsOf } = connection;
    connection.query = (sql) => query(note(said, sql));
    connection.stream = (sql, onRow) => stream(note(said, sql), onRow);
    connection.errorsOf = (sql) => errorsOf(note(said, sql));
    return connection;
  };
  const engine = sqlServerEngine({ address: 'a', port: 1433, connect });
  const { manifest } = await recordManifest(engine, {});
  const [table] = manifest.databases[0]?.tables ?? [];
  if (table === undefined) throw new Error('nothing recorded');
  const locator = await engine.locator('crm');
  const part = { index: 1, parts: 3, span: 10, from: '1' };
  for (const key of [await locator.keyOf(table), undefined]) {
    const rows = locator.rows(table, { key, parts: [part] });
    await rows.sums(8);
    await rows.rows(8, [1, 2], 10);
  }
  await locator.digests(table, [part]);
  const filter = { ignoreUsers: [], ignoreApplications: [] };
  await engine.countSessions(filter);
  await engine.countSessions({ ...filter, sessionQuery: 'SELECT COUNT(*) FROM dbo.online;' });
  await engine.firstValue('crm', 'SELECT COUNT(*) FROM dbo.online;');
  const drain = { policy: 'abort' as const, timeoutMinutes: 15, ...filter };
  await engine.inspect({ resource: 'r', user: 'u', wanted: undefined, drain });
  await checkDatabase(connect, 'crm', {});
  return [...said];
}

function note(said: Set<string>, sql: string): string {
  said.add(sql);
  return sql;
}
