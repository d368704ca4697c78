import fc from 'fast-check';
import { otherValue, TYPED_COLUMNS, TYPED_ROWS } from './mariadb-schema.ts';
import type { Change } from './typed-column.ts';

const KUNDEN = '`Kunden ``A`` "客户"`';

const rowId = (max: number) => fc.integer({ min: 1, max });

const typedValue = fc
  .tuple(rowId(TYPED_ROWS), fc.nat({ max: TYPED_COLUMNS.length - 1 }), fc.nat({ max: 50 }))
  .map(([id, index, choice]): Change => {
    const { name = '', type = '' } = TYPED_COLUMNS[index] ?? {};
    return {
      kind: `value of ${type.split('(')[0] ?? type}`,
      sql: `UPDATE every_type SET ${name} = ${otherValue(id, index, choice)} WHERE id = ${id}`,
      object: '`every_type`',
      key: { of: 'changed', name: String(id) },
    };
  });

const rows = rowId(24).chain((id) =>
  fc.constantFrom<Change>(
    {
      kind: 'row deleted',
      sql: `DELETE FROM every_type WHERE id = ${id}`,
      object: '`every_type`',
      key: { of: 'missing', name: String(id) },
    },
    {
      kind: 'row inserted',
      sql: `INSERT INTO every_type (id) VALUES (${id + 1000})`,
      object: '`every_type`',
      key: { of: 'extra', name: String(id + 1000) },
    },
    {
      kind: 'value in an oddly named table',
      sql: `UPDATE ${KUNDEN} SET \`Name, voll\` = concat(\`Name, voll\`, ' ') WHERE id = ${id}`,
      object: KUNDEN,
      key: { of: 'changed', name: String(id) },
    },
    {
      kind: 'value in a table read in parts',
      sql: `UPDATE many SET filling = reverse(filling) WHERE id = ${id * 200}`,
      object: '`many`',
      key: { of: 'changed', name: String(id * 200) },
    },
    {
      kind: 'row before the first part',
      sql: `INSERT INTO many VALUES (${-id}, '')`,
      object: '`many`',
      key: { of: 'extra', name: String(-id) },
    },
    { kind: 'duplicate added', sql: `INSERT INTO no_key VALUES (${id}, 'x${id}')`, object: '`no_key`' },
    { kind: 'duplicate removed', sql: `DELETE FROM no_key WHERE a = ${id} LIMIT 1`, object: '`no_key`' },
    {
      kind: 'duplicates exchanged',
      sql: `UPDATE no_key SET b = concat('x', a + 1), a = a + 1 WHERE a = ${id}`,
      object: '`no_key`',
    },
    {
      kind: 'value under a text key',
      sql: `UPDATE by_text SET a = a + 1 WHERE code = 'person${id}@example.com'`,
      object: '`by_text`',
    },
    { kind: 'row of a partition', sql: `DELETE FROM event_log WHERE id = ${id}`, object: '`event_log`' },
    {
      kind: 'history of a table',
      sql: 'UPDATE versioned SET a = a WHERE id = 2; UPDATE versioned SET a = 9 WHERE id = 2; UPDATE versioned SET a = 2 WHERE id = 2',
      object: '`versioned`',
    },
    {
      kind: 'time in a row’s history',
      sql: `DELETE HISTORY FROM versioned; SET SESSION system_versioning_insert_history = 1;
        INSERT INTO versioned (id, a, row_start, row_end) VALUES (1, 1, FROM_UNIXTIME(1790000000 - ${id}), FROM_UNIXTIME(1790000000))`,
      object: '`versioned`',
    },
    {
      kind: 'time in a row’s history, in declared columns',
      sql: `DELETE HISTORY FROM declared; SET SESSION system_versioning_insert_history = 1;
        INSERT INTO declared (id, a, since, until) VALUES (1, 1, FROM_UNIXTIME(1790000000 - ${id}), FROM_UNIXTIME(1790000000))`,
      object: '`declared`',
    },
    {
      kind: 'value of an invisible column',
      sql: `UPDATE unseen SET b = 0 WHERE a = ${id}`,
      object: '`unseen`',
    },
    { kind: 'row of a hash partition', sql: `UPDATE hashed SET a = -1 WHERE id = ${id}`, object: '`hashed`' },
    {
      kind: 'row moved to another partition',
      sql: 'UPDATE by_list SET kind = 2 WHERE id = 3',
      object: '`by_list`',
    },
    {
      kind: 'period of a row',
      sql: `UPDATE booked SET ends = '2026-02-01' + INTERVAL ${id} DAY`,
      object: '`booked`',
    },
    { kind: 'sequence', sql: 'DO nextval(numbers)', object: '`numbers`' },
    {
      kind: 'next AUTO_INCREMENT',
      sql: `ALTER TABLE parent AUTO_INCREMENT = ${100 + id}`,
      object: '`parent`.`id`',
    },
  ),
);

/** Changes of a definition: statement and the object that must be named. */
const DEFINITIONS: readonly (readonly [sql: string, object: string])[] = [
  ['ALTER TABLE every_type ADD extra int', 'table every_type'],
  ['ALTER TABLE every_type DROP tiny', 'table every_type'],
  ['ALTER TABLE every_type MODIFY whole bigint', 'table every_type'],
  ['ALTER TABLE every_type MODIFY short varchar(51)', 'table every_type'],
  ["ALTER TABLE every_type MODIFY stage enum('','new','won','lost')", 'table every_type'],
  ['ALTER TABLE every_type ALTER whole SET DEFAULT 7', 'table every_type'],
  ['ALTER TABLE by_text MODIFY a int NOT NULL', 'table by_text'],
  ['ALTER TABLE parent MODIFY a varchar(10) COLLATE utf8mb4_bin', 'table parent'],
  ["ALTER TABLE parent COMMENT 'other'", 'table parent'],
  ['ALTER TABLE detail DROP CONSTRAINT positive', 'table detail'],
  ['ALTER TABLE detail DROP FOREIGN KEY detail_parent', 'table detail'],
  ['ALTER TABLE detail DROP KEY by_amount', 'table detail'],
  ['ALTER TABLE detail DROP KEY by_amount, ADD KEY by_amount (amount)', 'table detail'],
  ['ALTER TABLE detail DROP halved', 'table detail'],
  ['ALTER TABLE no_key ADD KEY by_start (b(3))', 'table no_key'],
  ['ALTER TABLE no_key ROW_FORMAT = COMPRESSED', 'table no_key'],
  ['ALTER TABLE no_key ENGINE = MyISAM', 'table no_key'],
  [
    'ALTER TABLE event_log REORGANIZE PARTITION rest INTO (PARTITION p2026 VALUES LESS THAN (2027), PARTITION rest VALUES LESS THAN MAXVALUE)',
    'table event_log',
  ],
  ['RENAME TABLE no_key TO without_key', 'table no_key'],
  ['DROP TABLE no_key', 'table no_key'],
  ['CREATE TABLE another (a int)', 'table another'],
  [
    'CREATE OR REPLACE VIEW totals AS SELECT parent, sum(amount) + 0 AS total FROM detail GROUP BY parent',
    'view totals',
  ],
  ['DROP VIEW totals', 'view totals'],
  [
    'CREATE OR REPLACE FUNCTION double_of(n int) RETURNS int DETERMINISTIC RETURN n * 3',
    'function double_of',
  ],
  ['ALTER FUNCTION double_of SQL SECURITY INVOKER', 'function double_of'],
  ['DROP FUNCTION double_of', 'function double_of'],
  ['CREATE OR REPLACE PROCEDURE nothing() SELECT 2', 'procedure nothing'],
  ['DROP TRIGGER detail_stamp', 'trigger detail_stamp'],
  [
    'CREATE OR REPLACE TRIGGER detail_stamp AFTER UPDATE ON detail FOR EACH ROW SET @x = 1',
    'trigger detail_stamp',
  ],
  ['ALTER EVENT nightly DISABLE', 'event nightly'],
  ["ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY STARTS '2030-01-01 00:00:00'", 'event nightly'],
  ['DROP EVENT nightly', 'event nightly'],
  ['DROP SEQUENCE numbers', 'sequence numbers'],
  ['ALTER SEQUENCE numbers INCREMENT BY 6', 'sequence numbers'],
  ['ALTER SEQUENCE numbers CYCLE', 'sequence numbers'],
  ['ALTER SEQUENCE numbers MAXVALUE 5000', 'sequence numbers'],
  ['ALTER SEQUENCE numbers CACHE 7', 'sequence numbers'],
  ['ALTER DATABASE COLLATE utf8mb4_bin', 'database settings'],
  ['ALTER DATABASE CHARACTER SET latin1', 'database settings'],
  ["ALTER DATABASE COMMENT 'other'", 'database settings'],
  ['ALTER TABLE every_type MODIFY whole int unsigned', 'table every_type'],
  ['ALTER TABLE every_type MODIFY price decimal(13,2) unsigned', 'table every_type'],
  ["ALTER TABLE every_type MODIFY marks set('a','c','b')", 'table every_type'],
  ['ALTER TABLE every_type MODIFY instant timestamp(4) null', 'table every_type'],
  ['ALTER TABLE every_type MODIFY long_text mediumtext', 'table every_type'],
  ['ALTER TABLE every_type CHANGE whole entire int', 'table every_type'],
  ['ALTER TABLE every_type MODIFY whole int AFTER big', 'table every_type'],
  ['ALTER TABLE unseen MODIFY b int DEFAULT 1', 'table unseen'],
  ['ALTER TABLE unseen ALTER b SET DEFAULT 2', 'table unseen'],
  ["ALTER TABLE unseen MODIFY b int INVISIBLE DEFAULT 1 COMMENT 'x'", 'table unseen'],
  ['ALTER TABLE parent CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', 'table parent'],
  ['ALTER TABLE detail ADD CHECK (amount < 1000)', 'table detail'],
  [
    'ALTER TABLE detail DROP FOREIGN KEY detail_parent; ALTER TABLE detail ADD CONSTRAINT detail_parent FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE',
    'table detail',
  ],
  ['ALTER TABLE detail ALTER INDEX by_amount IGNORED', 'table detail'],
  ['ALTER TABLE detail MODIFY doubled decimal(10,2) AS (amount * 3) STORED', 'table detail'],
  ['ALTER TABLE detail ADD UNIQUE by_both (parent, amount)', 'table detail'],
  ['ALTER TABLE detail RENAME KEY by_amount TO by_price', 'table detail'],
  ['ALTER TABLE words DROP KEY by_body', 'table words'],
  ['ALTER TABLE words STATS_PERSISTENT = 0', 'table words'],
  ['ALTER TABLE hashed COALESCE PARTITION 1', 'table hashed'],
  ['ALTER TABLE hashed REMOVE PARTITIONING', 'table hashed'],
  ['ALTER TABLE by_list ADD PARTITION (PARTITION p9 VALUES IN (9))', 'table by_list'],
  ['ALTER TABLE booked DROP KEY id, ADD UNIQUE id (id, starts)', 'table booked'],
  ['ALTER TABLE versioned DROP SYSTEM VERSIONING', 'table versioned'],
  [
    'ALTER ALGORITHM = TEMPTABLE VIEW totals AS SELECT parent, sum(amount) AS total FROM detail GROUP BY parent',
    'view totals',
  ],
  [
    'ALTER SQL SECURITY INVOKER VIEW totals AS SELECT parent, sum(amount) AS total FROM detail GROUP BY parent',
    'view totals',
  ],
  ["ALTER PROCEDURE nothing COMMENT 'other'", 'procedure nothing'],
  ["SET sql_mode = 'ANSI_QUOTES'; CREATE OR REPLACE PROCEDURE nothing() SELECT 1", 'procedure nothing'],
  ['SET NAMES latin1; CREATE OR REPLACE PROCEDURE nothing() SELECT 1', 'procedure nothing'],
  ['CREATE PROCEDURE another(INOUT a int) SET a = a + 1', 'procedure another'],
  [
    "CREATE OR REPLACE DEFINER = 'nobody'@'%' FUNCTION double_of(n int) RETURNS int DETERMINISTIC RETURN n * 2",
    'function double_of',
  ],
  [
    'CREATE OR REPLACE FUNCTION double_of(n int) RETURNS bigint DETERMINISTIC RETURN n * 2',
    'function double_of',
  ],
  // The two triggers run in the other order now.
  [
    'CREATE OR REPLACE TRIGGER detail_after BEFORE UPDATE ON detail FOR EACH ROW PRECEDES detail_stamp SET NEW.parent = NEW.parent',
    'trigger detail_after',
  ],
  ["ALTER EVENT nightly COMMENT 'other'", 'event nightly'],
  ['ALTER EVENT nightly ON COMPLETION PRESERVE', 'event nightly'],
  ['ALTER EVENT nightly DO SELECT 2', 'event nightly'],
  ['CREATE EVENT weekly ON SCHEDULE EVERY 1 WEEK DO SELECT 1', 'event weekly'],
  ['SET sql_mode = ORACLE; CREATE PACKAGE kit AS FUNCTION one RETURN INT; END', 'package kit'],
];

/** Each change of a definition, so that none is left to chance. */
export const everyDefinition: Change[] = DEFINITIONS.map(([sql, object]) => ({
  kind: `definition of ${object.split(' ')[0] ?? ''}`,
  sql,
  object,
}));

/** Any change of any kind; values of every type most often. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: typedValue },
  { weight: 3, arbitrary: rows },
  { weight: 2, arbitrary: fc.constantFrom(...everyDefinition) },
);
