/** Types of the database's own, nested and made of one another. */
export const OWN_TYPES = `
  CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm; CREATE EXTENSION ltree; CREATE EXTENSION cube; CREATE EXTENSION seg; CREATE EXTENSION isn;
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
  CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
  CREATE DOMAIN work_email AS email NOT NULL DEFAULT 'a@b';
  ALTER DOMAIN work_email DROP NOT NULL;
  CREATE DOMAIN unused AS int;
  CREATE DOMAIN big_id AS bigint; CREATE DOMAIN code AS char(5); CREATE DOMAIN ratio AS float8; CREATE DOMAIN born AS date; CREATE DOMAIN stamped AS timestamptz; CREATE DOMAIN sizes AS int[];
  CREATE TYPE address AS (street text, number int);
  CREATE DOMAIN home AS address;
  CREATE TYPE person AS (called text, address address, moods mood[], weight float8);
  CREATE TYPE spread AS RANGE (subtype = float8, subtype_diff = float8mi);
  CREATE COLLATION german (provider = icu, locale = 'de');
  -- A cast to text that takes all values for the same: what is hashed must not depend on it.
  CREATE FUNCTION word(mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a mood'::text $$;
  CREATE CAST (mood AS text) WITH FUNCTION word(mood);
  CREATE FUNCTION word(address) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'an address'::text $$;
  CREATE CAST (address AS text) WITH FUNCTION word(address);
`;

/** Objects of every kind. */
export const OBJECTS = `
  CREATE TABLE measured (id int, at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE measured_2026 PARTITION OF measured FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (id);
  CREATE TABLE measured_2026_0 PARTITION OF measured_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE measured_2026_1 PARTITION OF measured_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  CREATE TABLE measured_rest PARTITION OF measured DEFAULT PARTITION BY LIST (what);
  CREATE TABLE measured_rest_a PARTITION OF measured_rest FOR VALUES IN ('a', NULL);
  CREATE TABLE measured_rest_rest PARTITION OF measured_rest DEFAULT;
  CREATE INDEX measured_what ON measured (what);
  INSERT INTO measured SELECT i, '2025-12-01'::date + i * 10, CASE WHEN i % 3 = 0 THEN 'a' WHEN i % 3 = 1 THEN 'b' END FROM generate_series(1, 40) i;
  CREATE TABLE of_type OF address;
  CREATE TABLE booked (id int PRIMARY KEY, room int, during tsrange, EXCLUDE USING gist (during WITH &&));
  CREATE UNIQUE INDEX booked_room ON booked (room) INCLUDE (during);
  CREATE INDEX booked_half ON booked ((room / 2), room DESC NULLS LAST);
  ALTER TABLE booked CLUSTER ON booked_pkey;
  CREATE TABLE referring (id int REFERENCES booked ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, checked int);
  CREATE TABLE toasted (body text);
  CREATE FUNCTION happened() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
  CREATE EVENT TRIGGER watching ON ddl_command_end WHEN TAG IN ('CREATE RULE') EXECUTE FUNCTION happened();
  CREATE FUNCTION lower_than(mood, int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT true $$;
  CREATE OPERATOR <<< (LEFTARG = mood, RIGHTARG = int, FUNCTION = lower_than);
  CREATE FUNCTION by_length(text, text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) - length($2) $$;
  CREATE FUNCTION lower_order(int8, mood) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 0 $$;
  CREATE OPERATOR FAMILY lengths USING btree;
  CREATE OPERATOR CLASS length_ops FOR TYPE text USING btree FAMILY lengths AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 by_length(text, text);
  CREATE FUNCTION width(spread) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 0 $$;
  CREATE CAST (spread AS int) WITH FUNCTION width(spread);
  CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
  CREATE LANGUAGE plother HANDLER plpgsql_call_handler;
  CREATE TRANSFORM FOR address LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
  CREATE ACCESS METHOD pile TYPE TABLE HANDLER heap_tableam_handler;
  CREATE TABLE piled (a int) USING pile; INSERT INTO piled SELECT generate_series(1, 20);
  CREATE TEXT SEARCH DICTIONARY stops (TEMPLATE = simple, STOPWORDS = english);
  CREATE TEXT SEARCH TEMPLATE own_template (LEXIZE = dsimple_lexize);
  CREATE TEXT SEARCH PARSER own_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
  CREATE EXTENSION postgres_fdw;
  CREATE FOREIGN DATA WRAPPER elsewhere;
  CREATE SERVER warehouse FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'warehouse.example', dbname 'w');
  CREATE USER MAPPING FOR CURRENT_USER SERVER warehouse OPTIONS (user 'reader', password 'hunter2');
  CREATE FOREIGN TABLE stock (id int OPTIONS (column_name 'no')) SERVER warehouse OPTIONS (table_name 'stock');
  CREATE SEQUENCE belonging OWNED BY booked.room;
  ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO pg_monitor;
  COMMENT ON INDEX booked_room IS 'rooms'; COMMENT ON SEQUENCE belonging IS 'numbers'; COMMENT ON CONSTRAINT booked_pkey ON booked IS 'the key';
  CREATE MATERIALIZED VIEW not_filled AS SELECT 1 AS one WITH NO DATA;
`;

/** What older versions do not have. */
export const OBJECTS_SINCE: Record<number, string> = {
  15: `CREATE UNIQUE INDEX booked_null ON booked (during) NULLS NOT DISTINCT;
       CREATE PUBLICATION chosen FOR TABLE booked (id, room) WHERE (id > 5);
       CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA "销售 部";`,
  18: `CREATE EXTENSION btree_gist;
       CREATE TABLE temporal (id int, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
       CREATE TABLE computed (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL);
       CREATE TABLE unchecked (a int, CONSTRAINT small CHECK (a < 100) NOT ENFORCED);
       INSERT INTO computed SELECT generate_series(1, 20);`,
};
