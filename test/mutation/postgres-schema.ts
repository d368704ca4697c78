import { OBJECTS, OBJECTS_SINCE, OWN_TYPES } from './postgres-objects.ts';
import { TYPED_COLUMNS } from './postgres-types.ts';

/** Rows of the table with every type. */
export const TYPED_ROWS = 40;

/** What row `id` holds in the column of this index; one row in nine holds NULL. */
function heldValue(id: number, index: number): string {
  const column = TYPED_COLUMNS[index];
  if (column === undefined || (id + index) % 9 === 0) return 'NULL';
  return column.values[id % column.values.length] ?? 'NULL';
}

function typedRows(): string {
  const rows: string[] = [];
  for (let id = 1; id <= TYPED_ROWS; id += 1) {
    rows.push(`(${id}, ${TYPED_COLUMNS.map((_column, index) => heldValue(id, index)).join(', ')})`);
  }
  return rows.join(',\n');
}

/** An expression that row `id` does not hold in this column, one of several by `choice`. */
export function otherValue(id: number, index: number, choice: number): string {
  const now = heldValue(id, index);
  const others = ['NULL', ...(TYPED_COLUMNS[index]?.values ?? [])].filter((value) => value !== now);
  return others[choice % others.length] ?? 'NULL';
}

/** Roles belong to the whole server. */
export const ROLES = 'CREATE ROLE seller; CREATE ROLE team; GRANT team TO seller;';

/** A database with every type and every kind of object that this major version knows, as statements. */
export function schemaFor(version: number): string {
  const later = Object.entries(OBJECTS_SINCE).filter(([since]) => version >= Number(since));
  return [OWN_TYPES, TABLES, OBJECTS, ...later.map(([, sql]) => sql)].join('\n');
}

const TABLES = `
  CREATE TABLE every_type (id int PRIMARY KEY, ${TYPED_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ')});
  INSERT INTO every_type VALUES ${typedRows()};

  CREATE SCHEMA "销售 部";
  CREATE TABLE "销售 部"."Kunden ""A"" 客户" (id bigint PRIMARY KEY, "Name, voll" text);
  INSERT INTO "销售 部"."Kunden ""A"" 客户" SELECT i, 'customer ' || i FROM generate_series(1, 60) i;

  CREATE TABLE no_key (a int, b text);
  INSERT INTO no_key SELECT i / 2, 'x' || i / 2 FROM generate_series(1, 50) i;
  CREATE TABLE no_columns ();
  INSERT INTO no_columns SELECT FROM generate_series(1, 5);
  CREATE TABLE by_text (code text PRIMARY KEY, a int);
  INSERT INTO by_text SELECT 'person' || i || '@example.com', i FROM generate_series(1, 30) i;
  CREATE TABLE many_ids (a bigint, b bigint); INSERT INTO many_ids SELECT i, i * i FROM generate_series(1, 20) i;
  CREATE TABLE two_keys (a int, b date, c text, PRIMARY KEY (a, b));
  INSERT INTO two_keys SELECT i, '2026-01-01'::date + i, 'c' FROM generate_series(1, 30) i;
  CREATE TABLE many (id int PRIMARY KEY, filling text);
  INSERT INTO many SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 6000) i;

  CREATE TABLE event (id int, at date NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE event_rest PARTITION OF event DEFAULT;
  INSERT INTO event SELECT i, '2025-06-01'::date + i * 10, 'e' || i FROM generate_series(1, 60) i;
  CREATE TABLE parent (id int PRIMARY KEY, a text); CREATE TABLE child (b text) INHERITS (parent);
  INSERT INTO parent SELECT i, 'p' FROM generate_series(1, 10) i; INSERT INTO child SELECT i, 'c', 'b' FROM generate_series(11, 20) i;
  CREATE TABLE detail (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES parent, amount numeric DEFAULT 1 CHECK (amount > 0),
                       doubled numeric GENERATED ALWAYS AS (amount * 2) STORED, note text COLLATE german, UNIQUE (parent, amount));
  INSERT INTO detail (parent, amount) SELECT i, i FROM generate_series(1, 10) i;
  CREATE INDEX detail_note ON detail (note) WHERE amount > 2;
  CREATE STATISTICS detail_statistics ON parent, amount FROM detail;
  CREATE SEQUENCE numbers INCREMENT 5 START 100; SELECT setval('numbers', 200);
  CREATE VIEW totals AS SELECT parent, sum(amount) AS total FROM detail GROUP BY parent;
  CREATE MATERIALIZED VIEW totals_kept AS SELECT parent, sum(amount) AS total FROM detail GROUP BY parent;
  CREATE FUNCTION double_of(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
  CREATE PROCEDURE nothing() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
  CREATE AGGREGATE product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = '1');
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TRIGGER detail_stamp BEFORE UPDATE ON detail FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE RULE quiet AS ON DELETE TO by_text DO ALSO NOTHING;
  ALTER TABLE by_text ENABLE ROW LEVEL SECURITY; CREATE POLICY everyone ON by_text USING (true);
  CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
  CREATE PUBLICATION everything FOR TABLE detail;
  COMMENT ON TABLE detail IS 'details'; COMMENT ON COLUMN detail.note IS 'a note';
  SELECT lo_from_bytea(100001, 'first'), lo_from_bytea(100002, 'second');
`;
