import type { TypedColumn } from './typed-column.ts';

const column = (name: string, type: string, ...values: string[]): TypedColumn => ({ name, type, values });

/** Every type MariaDB has (https://mariadb.com/kb/en/data-types/), with values of which no two are the same. */
export const TYPED_COLUMNS: TypedColumn[] = [
  column('tiny', 'tinyint', '0', '-128', '127'),
  column('tiny_plain', 'tinyint unsigned', '0', '255'),
  column('small', 'smallint', '0', '-32768'),
  column('middle', 'mediumint', '0', '8388607'),
  column('middle_plain', 'mediumint unsigned', '0', '16777215'),
  column('filled', 'int unsigned zerofill', '0', '4294967295'),
  column('filled_exact', 'decimal(8,2) zerofill', '0', '0.01'),
  column('whole', 'int', '0', '-2147483648'),
  column('big', 'bigint', '0', '-9223372036854775808', '9223372036854775807'),
  column('big_plain', 'bigint unsigned', '0', '18446744073709551615', '18446744073709551614'),
  column('exact', 'decimal(65,30)', '0', '0.000000000000000000000000000001', '-1'),
  column('price', 'decimal(12,2) unsigned', '0', '0.01', '9999999999.99'),
  column('single', 'float', '0', '1.1', '1.1000001', '16777217', '16777219', '-1e38'),
  column('double_one', 'double', '0', '-0e0', '0.1', '0.1 + 1e-16', '1e308', '1.7976931348623157e308'),
  column('bit_one', 'bit', "b'0'", "b'1'"),
  column('bit_most', 'bit(64)', "b'0'", '18446744073709551615', '18446744073709551614'),
  column('bits', 'bit(10)', "b'0'", "b'1'", "b'1111111111'"),
  column('flag', 'boolean', 'true', 'false'),
  column('fixed', 'char(10)', "''", "'a'", "'A'", "'ä'"),
  column('short', 'varchar(50)', "''", "' '", "'a'", "'a '", "'A'", "'名'", "'😀'"),
  column('exactly', 'varchar(50) collate utf8mb4_bin', "''", "'a'", "'a '", "'A'"),
  column(
    'older',
    'varchar(50) character set utf8mb3',
    "''",
    "'名'",
    "'ä'",
    "concat('a', convert(x'cc88' using utf8mb3))",
  ),
  column('narrow', 'varchar(20) character set latin1', "''", "'é'", "'e'"),
  column('bytes_fixed', 'binary(4)', "x'00000000'", "x'00000001'", "x'ff000000'"),
  column('bytes', 'varbinary(20)', "''", "x'00'", "x'0000'", "x'ff'"),
  column('tiny_text', 'tinytext', "''", "'a'"),
  column(
    'long_text',
    'text',
    "''",
    "'NULL'",
    "'\\\\N'",
    "repeat('x', 60000)",
    "concat(repeat('x', 59999), 'y')",
  ),
  column('longest', 'longtext', "''", "repeat('y', 200000)", "'张三'"),
  column('middle_text', 'mediumtext', "''", "'a'", "'a '"),
  column('tiny_blob', 'tinyblob', "''", "x'00'"),
  column('middle_blob', 'mediumblob', "''", "x'00'"),
  column('blob_one', 'blob', "''", "x'00'", "x'00ff'"),
  column('long_blob', 'longblob', "''", "repeat(x'ab', 100000)", "x'2e'"),
  column('day', 'date', "'2026-11-27'", "'0000-00-00'", "'1000-01-01'"),
  column('hour_plain', 'time', "'00:00:00'", "'838:59:59'", "'-00:00:01'"),
  column('hour', 'time(6)', "'00:00:00'", "'-838:59:59'", "'12:00:00.000001'"),
  column(
    'moment',
    'datetime(6)',
    "'2026-11-27 14:00:00'",
    "'2026-11-27 14:00:00.000001'",
    "'0000-00-00 00:00:00'",
  ),
  column(
    'instant',
    'timestamp(3) null',
    "'2026-11-27 14:00:00'",
    "'2026-11-27 14:00:00.001'",
    "'0000-00-00 00:00:00'",
  ),
  column('year_of', 'year', '2026', '0', '1901'),
  column('stage', "enum('','new','won')", "''", "'new'", "'won'", '0'),
  column('marks', "set('a','b','c')", "''", "'a'", "'a,b'", "'c'"),
  column(
    'marks_most',
    `set(${Array.from({ length: 64 }, (_none, index) => `'m${index}'`).join(',')})`,
    "''",
    "'m0'",
    "'m63'",
    "'m0,m63'",
  ),
  column('document', 'json', `'{"a":1}'`, `'{"a": 1}'`, "'null'"),
  column('spot', 'point', 'Point(1,2)', 'Point(2,1)'),
  column(
    'way',
    'linestring',
    "ST_GeomFromText('LINESTRING(0 0,1 1)')",
    "ST_GeomFromText('LINESTRING(1 1,0 0)')",
  ),
  column(
    'area',
    'polygon',
    "ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')",
    "ST_GeomFromText('POLYGON((0 0,1 1,1 0,0 0))')",
  ),
  column(
    'spots',
    'multipoint',
    "ST_GeomFromText('MULTIPOINT(0 0,1 1)')",
    "ST_GeomFromText('MULTIPOINT(1 1,0 0)')",
  ),
  column(
    'shapes',
    'geometrycollection',
    "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')",
    "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),POINT(1 1))')",
  ),
  column(
    'shape',
    'geometry',
    'Point(1,2)',
    'Point(2,1)',
    "ST_GeomFromText('LINESTRING(0 0,1 1)')",
    "ST_GeomFromText('POINT(1 2)', 4326)",
  ),
  column(
    'identity',
    'uuid',
    "'00000000-0000-0000-0000-000000000000'",
    "'00000000-0000-0000-0000-000000000001'",
  ),
  column('host6', 'inet6', "'::'", "'::1'", "'::ffff:10.0.0.1'"),
  column('host4', 'inet4', "'10.0.0.1'", "'10.0.0.2'"),
];

/** Rows of the table with every type. */
export const TYPED_ROWS = 30;

function heldValue(id: number, index: number): string {
  const typed = TYPED_COLUMNS[index];
  if (typed === undefined || (id + index) % 9 === 0) return 'NULL';
  return typed.values[id % typed.values.length] ?? 'NULL';
}

/** An expression that row `id` does not hold in this column, one of several by `choice`. */
export function otherValue(id: number, index: number, choice: number): string {
  const now = heldValue(id, index);
  const others = ['NULL', ...(TYPED_COLUMNS[index]?.values ?? [])].filter((value) => value !== now);
  return others[choice % others.length] ?? 'NULL';
}

function typedRows(): string {
  const rows: string[] = [];
  for (let id = 1; id <= TYPED_ROWS; id += 1)
    rows.push(`(${id}, ${TYPED_COLUMNS.map((_column, index) => heldValue(id, index)).join(', ')})`);
  return rows.join(',\n');
}

/** A database with every type and every kind of object, as statements. */
export const SCHEMA = `
  SET sql_mode = '';
  CREATE TABLE every_type (id int PRIMARY KEY, ${TYPED_COLUMNS.map(({ name, type }) => `${name} ${type}${/null/.test(type) ? '' : ' NULL'}`).join(', ')});
  INSERT INTO every_type VALUES ${typedRows()};
  CREATE TABLE \`Kunden \`\`A\`\` "客户"\` (id bigint PRIMARY KEY, \`Name, voll\` varchar(100));
  INSERT INTO \`Kunden \`\`A\`\` "客户"\` SELECT seq, concat('customer ', seq) FROM seq_1_to_60;
  CREATE TABLE no_key (a int, b varchar(20)); INSERT INTO no_key SELECT seq DIV 2, concat('x', seq DIV 2) FROM seq_1_to_50;
  CREATE TABLE by_text (code varchar(60) PRIMARY KEY, a int); INSERT INTO by_text SELECT concat('person', seq, '@example.com'), seq FROM seq_1_to_30;
  CREATE TABLE many (id int PRIMARY KEY, filling varchar(300)); INSERT INTO many SELECT seq, repeat(md5(seq), 8) FROM seq_1_to_6000;
  CREATE TABLE parent (id int AUTO_INCREMENT PRIMARY KEY, a varchar(10) COLLATE utf8mb4_german2_ci DEFAULT 'x' COMMENT 'a note');
  INSERT INTO parent (a) SELECT 'p' FROM seq_1_to_10;
  CREATE TABLE detail (id int AUTO_INCREMENT PRIMARY KEY, parent int, amount decimal(10,2) DEFAULT 1, doubled decimal(10,2) AS (amount * 2) STORED,
    halved decimal(10,2) AS (amount / 2) VIRTUAL, CONSTRAINT detail_parent FOREIGN KEY (parent) REFERENCES parent (id), CONSTRAINT positive CHECK (amount > 0), KEY by_amount (amount DESC));
  INSERT INTO detail (parent, amount) SELECT seq, seq FROM seq_1_to_10;
  CREATE TABLE event_log (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at)) (PARTITION p2025 VALUES LESS THAN (2026), PARTITION rest VALUES LESS THAN MAXVALUE);
  INSERT INTO event_log SELECT seq, '2025-12-01' + INTERVAL seq DAY FROM seq_1_to_60;
  CREATE TABLE versioned (id int PRIMARY KEY, a int) WITH SYSTEM VERSIONING; INSERT INTO versioned VALUES (1, 1), (2, 2); UPDATE versioned SET a = 3 WHERE id = 1;
  CREATE TABLE declared (id int PRIMARY KEY, a int, since timestamp(6) GENERATED ALWAYS AS ROW START, until timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)) WITH SYSTEM VERSIONING;
  INSERT INTO declared (id, a) VALUES (1, 1); UPDATE declared SET a = 2;
  CREATE TABLE in_memory (a int) ENGINE = MEMORY;
  CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 5 NOCACHE; DO nextval(numbers);
  CREATE VIEW totals AS SELECT parent, sum(amount) AS total FROM detail GROUP BY parent;
  CREATE FUNCTION double_of(n int) RETURNS int DETERMINISTIC RETURN n * 2;
  CREATE PROCEDURE nothing() SELECT 1;
  CREATE TRIGGER detail_stamp BEFORE UPDATE ON detail FOR EACH ROW SET NEW.amount = NEW.amount;
  CREATE TRIGGER detail_after BEFORE UPDATE ON detail FOR EACH ROW FOLLOWS detail_stamp SET NEW.parent = NEW.parent;
  CREATE TABLE hashed (id int PRIMARY KEY, a int) PARTITION BY HASH (id) PARTITIONS 3; INSERT INTO hashed SELECT seq, seq FROM seq_1_to_30;
  CREATE TABLE by_list (id int, kind int) PARTITION BY LIST (kind) (PARTITION p1 VALUES IN (1, 2), PARTITION p3 VALUES IN (3, NULL)); INSERT INTO by_list VALUES (1, 1), (2, 3), (3, NULL);
  CREATE TABLE unseen (a int, b int INVISIBLE DEFAULT 1); INSERT INTO unseen (a, b) SELECT seq, seq FROM seq_1_to_24;
  CREATE TABLE booked (id int, starts date, ends date, PERIOD FOR during (starts, ends), UNIQUE (id, during WITHOUT OVERLAPS)); INSERT INTO booked VALUES (1, '2026-01-01', '2026-01-05');
  CREATE TABLE words (id int PRIMARY KEY, body text, FULLTEXT KEY by_body (body)) COMMENT 'words';
  CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO SELECT 1;
`;
