import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { everyStatement } from './statements.ts';

/** What the parser does not know: it is written out here, so that nothing else escapes it. */
const BESIDES = [
  'SET TRANSACTION ISOLATION LEVEL SNAPSHOT',
  'BEGIN TRANSACTION',
  'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION',
  'DBCC CHECKALLOC WITH NO_INFOMSGS, ALL_ERRORMSGS',
  "DBCC CHECKTABLE (N'[dbo].[every]] ''type'']') WITH NO_INFOMSGS, ALL_ERRORMSGS, TABLOCK",
  'DBCC CHECKCATALOG WITH NO_INFOMSGS',
];

/** https://learn.microsoft.com/sql/t-sql/language-elements/reserved-keywords-transact-sql: no alias may be one of them without brackets. */
const RESERVED =
  `ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK CHECKPOINT CLOSE CLUSTERED
  COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTAINSTABLE CONTINUE CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
  CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE DEFAULT DELETE DENY DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP
  ELSE END ERRLVL ESCAPE EXCEPT EXEC EXECUTE EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE FROM FULL FUNCTION
  GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITY_INSERT IDENTITYCOL IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE
  LINENO LOAD MERGE NATIONAL NOCHECK NONCLUSTERED NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET OPENXML OPTION OR
  ORDER OUTER OVER PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE PUBLIC RAISERROR READ READTEXT RECONFIGURE REFERENCES REPLICATION
  RESTORE RESTRICT RETURN REVERT REVOKE RIGHT ROLLBACK ROWCOUNT ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SELECT SEMANTICKEYPHRASETABLE
  SEMANTICSIMILARITYDETAILSTABLE SEMANTICSIMILARITYTABLE SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE
  THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE UPDATETEXT USE USER VALUES VARYING VIEW WAITFOR WHEN
  WHERE WHILE WITH WITHIN WRITETEXT`
    .split(/\s+/)
    .filter((word) => word !== '');

beforeAll(async () => {
  await init();
});

interface Node {
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** What stands in the FROM of one SELECT: the names under which its columns are called. */
function namesIn(from: unknown): string[] {
  if (!Array.isArray(from)) return [];
  return from.flatMap((item: Node) => [
    ...nameOf(item['relation']),
    ...(item['joins'] as Node[]).flatMap((join) => nameOf(join['relation'])),
  ]);
}

function nameOf(relation: unknown): string[] {
  if (!isNode(relation)) return [];
  const [inner] = Object.values(relation);
  const alias = isNode(inner) && isNode(inner['alias']) ? inner['alias']['name'] : undefined;
  return isNode(alias) ? [String(alias['value'])] : [];
}

/** Columns whose table is not there, with its name: `x.name`. */
function unresolved(node: unknown, scope: string[]): string[] {
  if (Array.isArray(node)) return node.flatMap((each) => unresolved(each, scope));
  if (!isNode(node)) return [];
  const select = node['Select'];
  if (isNode(select)) {
    const own = namesIn(select['from']);
    if (new Set(own).size !== own.length) return [`twice in one FROM: ${own.join(', ')}`];
    return Object.values(select).flatMap((each) => unresolved(each, [...scope, ...own]));
  }
  const compound = node['CompoundIdentifier'];
  if (Array.isArray(compound)) {
    const parts = compound.map((part: Node) => String(part['value']));
    return scope.includes(parts[0] ?? '') ? [] : [parts.join('.')];
  }
  // ORDER BY stands beside the SELECT whose tables it names.
  const { body } = node;
  const beside = isNode(body) && isNode(body['Select']) ? namesIn(body['Select']['from']) : [];
  return Object.values(node).flatMap((each) => unresolved(each, [...scope, ...beside]));
}

describe.each([13, 14, 15, 16, 17])('what is sent to major version %i', (major) => {
  let statements: string[];

  beforeAll(async () => {
    statements = await everyStatement(major);
  });

  it('is nothing but questions', () => {
    const others = statements.filter(
      (sql) => !/^(SELECT|IF OBJECT_ID\(N'cdc\.change_tables'\) IS NOT NULL\nSELECT) /.test(sql),
    );

    expect(others.sort()).toEqual([...BESIDES].sort());
    expect(statements.length).toBeGreaterThan(85);
  });

  it('is each one statement of T-SQL, whose columns are of tables that it names', () => {
    for (const sql of statements) {
      if (BESIDES.includes(sql)) continue;
      const parsed: unknown[] = parse(sql, 'mssql');
      expect(parsed, sql).toHaveLength(1);
      expect(unresolved(parsed, []), sql).toEqual([]);
    }
  });

  it('calls no column by a reserved word', () => {
    for (const sql of statements) {
      // Without texts and what stands in brackets.
      const plain = sql.replaceAll(/N?'(?:[^']|'')*'/g, "''").replaceAll(/\[(?:[^\]]|\]\])*\]/g, 'name');
      const aliases = [...plain.matchAll(/ AS (\w+)(?!\w*\()/g)].map(([, alias]) =>
        (alias ?? '').toUpperCase(),
      );
      expect(
        aliases.filter((alias) => RESERVED.includes(alias)),
        sql,
      ).toEqual([]);
    }
  });
});
