import type { Answers } from './fake-connection.ts';

/** A user from whom nothing is hidden. */
export const MAY_ALL: Answers = [
  [
    /HAS_PERMS_BY_NAME\(DB_NAME\(\)/,
    [{ user: '[lights_out]', selects: '1', definitions: '1', unmask: '1', state: '1' }],
  ],
  [/'VIEW SERVER STATE'/, [{ allowed: '1' }]],
];

/** Every part of a table holds three rows, whose hashes add up to 1 and to `second`. */
export const rowsHash = (second: string): Answers[number] => [
  /^SELECT 0 AS piece/,
  (sql) =>
    [...sql.matchAll(/SELECT (\d+) AS piece/g)].map(([, piece]) => ({
      piece: piece ?? '',
      total: '3',
      hashed: '3',
      first: '1',
      second,
    })),
];

/** A database of two tables, of which one is memory-optimised. */
export const DATABASE: Answers = [
  [
    /SERVERPROPERTY\('ServerName'\)/,
    [{ server: 'SQL1', machine: 'EC2AMAZ-1', edition: 'Standard Edition', started: '2026-11-24T01:02:03' }],
  ],
  [/OBJECT_ID\(N'sys\.dm_db_log_stats'\)/, [{ view: '1' }]],
  [/CROSS APPLY sys\.dm_db_log_stats/, [{ name: 'crm', lsn: '0000002a:00000100:0001', delayed: '0' }]],
  [
    /HAS_DBACCESS\(d\.name\), 0\)/,
    [
      { name: 'crm', open: '1' },
      { name: 'closed', open: '0' },
    ],
  ],
  [/DB_NAME\(\) AS name/, [{ name: 'crm' }]],
  [/security_policies AS y/, []],
  [/COUNT\(DISTINCT p\.object_id\)/, [{ hidden: '0' }]],
  [/snapshot_isolation_state AS state/, [{ state: '1' }]],
  [
    /FROM sys\.tables AS t\n/,
    ['1', '2'].map((id) => ({
      id,
      name: `[dbo].[t${id}]`,
      'memory optimized': id === '2' ? '1' : '0',
      durability: '0',
      bytes: '8192',
      clustered: '0',
    })),
  ],
  [
    /FROM sys\.columns AS c\n/,
    ['1', '2'].map((id) => ({ id, name: 'id', type: 'int', length: '4', encrypted: '0' })),
  ],
  [/sys\.identity_columns AS c\n/, []],
  rowsHash('-1'),
  [/^(SET TRANSACTION ISOLATION LEVEL SNAPSHOT|BEGIN TRANSACTION)$/, []],
];

/** What else is asked of the catalog: nothing there. */
export const CATALOG: Answers = [[/FROM (sys|cdc)\./, []]];

/** How a system counts its users. */
export const DRAIN = {
  policy: 'abort' as const,
  timeoutMinutes: 15,
  ignoreUsers: [],
  ignoreApplications: [],
};
