import { codeKinds } from '../../engines/postgres/definitions/code.ts';
import { databaseKinds } from '../../engines/postgres/definitions/database.ts';
import { outsideKinds } from '../../engines/postgres/definitions/outside.ts';
import { relationKinds } from '../../engines/postgres/definitions/relations.ts';
import { typeKinds } from '../../engines/postgres/definitions/types.ts';
import { TABLE_DEFINITIONS } from './postgres-table-definitions.ts';
import type { Change, Definition } from './typed-column.ts';

const CODE: Definition[] = [
  [
    "CREATE OR REPLACE FUNCTION double_of(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 3'",
    'routine public.double_of(n integer)',
  ],
  ['ALTER FUNCTION double_of SECURITY DEFINER', 'routine public.double_of(n integer)'],
  ['ALTER FUNCTION double_of STABLE', 'routine public.double_of(n integer)'],
  ['ALTER FUNCTION double_of SET work_mem = 1024', 'routine public.double_of(n integer)'],
  ['ALTER FUNCTION double_of COST 7', 'routine public.double_of(n integer)'],
  ['REVOKE EXECUTE ON FUNCTION double_of FROM PUBLIC', 'routine public.double_of(n integer)'],
  ['DROP FUNCTION double_of', 'routine public.double_of(n integer)'],
  ['ALTER FUNCTION double_of DEPENDS ON EXTENSION citext', 'extension citext'],
  [
    'CREATE OR REPLACE PROCEDURE nothing() LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$',
    'routine public.nothing()',
  ],
  ['DROP AGGREGATE product(float8)', 'routine public.product(double precision)'],
  [
    "DROP AGGREGATE product(float8); CREATE AGGREGATE product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = '2')",
    'routine public.product(double precision)',
  ],
  [
    "DROP AGGREGATE product(float8); CREATE AGGREGATE product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = '1', PARALLEL = SAFE, COMBINEFUNC = float8mul)",
    'routine public.product(double precision)',
  ],
  [
    'ALTER FUNCTION hstore_eq(hstore, hstore) COST 9',
    'routine public.hstore_eq(hstore, hstore)'
      .replaceAll('hstore,', 'public.hstore,')
      .replace(' hstore)', ' public.hstore)'),
  ],
  ['DROP TRIGGER detail_stamp ON detail', 'trigger public.detail.detail_stamp'],
  ['ALTER TABLE detail DISABLE TRIGGER detail_stamp', 'trigger public.detail.detail_stamp'],
  ['ALTER TABLE detail ENABLE ALWAYS TRIGGER detail_stamp', 'trigger public.detail.detail_stamp'],
  [
    'DROP TRIGGER detail_stamp ON detail; CREATE TRIGGER detail_stamp AFTER UPDATE ON detail FOR EACH ROW EXECUTE FUNCTION stamp()',
    'trigger public.detail.detail_stamp',
  ],
  ['DROP RULE quiet ON by_text', 'rule public.by_text.quiet'],
  ['ALTER TABLE by_text DISABLE RULE quiet', 'rule public.by_text.quiet'],
  ['DROP POLICY everyone ON by_text', 'policy public.by_text.everyone'],
  ['ALTER POLICY everyone ON by_text USING (a > 0)', 'policy public.by_text.everyone'],
  ['ALTER POLICY everyone ON by_text TO pg_monitor', 'policy public.by_text.everyone'],
  ['DROP EVENT TRIGGER watching', 'event trigger watching'],
  ['ALTER EVENT TRIGGER watching DISABLE', 'event trigger watching'],
  ['ALTER OPERATOR <<< (mood, int) SET (RESTRICT = eqsel)', 'operator public.<<<(public.mood,integer)'],
  ['DROP OPERATOR <<< (mood, int)', 'operator public.<<<(public.mood,integer)'],
  [
    'DROP OPERATOR CLASS length_ops USING btree; CREATE OPERATOR CLASS length_ops FOR TYPE text USING btree FAMILY lengths AS OPERATOR 1 <, FUNCTION 1 by_length(text, text)',
    'operator family public.lengths using btree',
  ],
  ['DROP OPERATOR CLASS length_ops USING btree', 'operator class public.length_ops using btree'],
  [
    'ALTER OPERATOR FAMILY integer_ops USING btree ADD FUNCTION 1 (int8, mood) lower_order(int8, mood)',
    'operator family pg_catalog.integer_ops using btree',
  ],
  ['DROP CAST (spread AS int)', 'cast (public.spread AS integer)'],
  [
    'DROP CAST (spread AS int); CREATE CAST (spread AS int) WITH FUNCTION width(spread) AS ASSIGNMENT',
    'cast (public.spread AS integer)',
  ],
  ['DROP CONVERSION latin', 'conversion public.latin'],
  ['DROP LANGUAGE plother', 'language plother'],
  ['REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC', 'language plpgsql'],
  ['DROP TRANSFORM FOR address LANGUAGE sql', 'transform for public.address language sql'],
  ['CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler', 'access method heap2'],
  ['ALTER TEXT SEARCH CONFIGURATION plain DROP MAPPING FOR word', 'text search configuration public.plain'],
  ['ALTER TEXT SEARCH DICTIONARY stops (STOPWORDS)', 'text search dictionary public.stops'],
  ['DROP TEXT SEARCH TEMPLATE own_template', 'text search template public.own_template'],
  ['DROP TEXT SEARCH PARSER own_parser', 'text search parser public.own_parser'],
];

const TYPES: Definition[] = [
  ["ALTER TYPE mood ADD VALUE 'glad' BEFORE 'happy'", 'type public.mood'],
  ["ALTER TYPE mood RENAME VALUE 'sad' TO 'low'", 'type public.mood'],
  ["ALTER DOMAIN email SET DEFAULT 'a@b'", 'type public.email'],
  ['ALTER DOMAIN unused SET NOT NULL', 'type public.unused'],
  ['ALTER DOMAIN email DROP CONSTRAINT email_check', 'constraint public.email.email_check'],
  ['ALTER TYPE person ADD ATTRIBUTE zip text', 'column public.person.zip'],
  ['REVOKE USAGE ON TYPE address FROM PUBLIC', 'type public.address'],
  ['CREATE TYPE shell', 'type public.shell'],
  ['CREATE TYPE spread4 AS RANGE (subtype = float4)', 'type public.spread4'],
  ["CREATE COLLATION french (provider = icu, locale = 'fr')", 'collation public.french'],
  [
    'DROP INDEX detail_note; ALTER TABLE detail ALTER note TYPE text COLLATE "C"; DROP COLLATION german; CREATE COLLATION german (provider = icu, locale = \'de\', deterministic = false)',
    'collation public.german',
  ],
  ["UPDATE pg_collation SET collversion = '1' WHERE collname = 'german'", 'collation public.german'],
];

const OUTSIDE: Definition[] = [
  ["ALTER FOREIGN DATA WRAPPER elsewhere OPTIONS (host 'a')", 'foreign data wrapper elsewhere'],
  ["ALTER SERVER warehouse OPTIONS (SET host 'other.example')", 'foreign server warehouse'],
  ["ALTER SERVER warehouse VERSION '9'", 'foreign server warehouse'],
  [
    "ALTER USER MAPPING FOR CURRENT_USER SERVER warehouse OPTIONS (SET password 'hunter3')",
    'user mapping postgres at warehouse',
  ],
  ['DROP USER MAPPING FOR CURRENT_USER SERVER warehouse', 'user mapping postgres at warehouse'],
  ['DROP PUBLICATION everything', 'publication everything'],
  ['ALTER PUBLICATION everything ADD TABLE no_key', 'publication everything'],
  ["ALTER PUBLICATION everything SET (publish = 'insert')", 'publication everything'],
  ['ALTER PUBLICATION everything SET (publish_via_partition_root)', 'publication everything'],
  [
    'ALTER PUBLICATION chosen SET TABLE booked (id, room) WHERE (id > 6)',
    'publication chosen',
    { since: 15 },
  ],
  ['ALTER PUBLICATION chosen SET TABLE booked (id) WHERE (id > 5)', 'publication chosen', { since: 15 }],
  ['ALTER PUBLICATION of_schema DROP TABLES IN SCHEMA "销售 部"', 'publication of_schema', { since: 15 }],
  [
    "CREATE SUBSCRIPTION follower CONNECTION 'host=127.0.0.1 password=hunter2' PUBLICATION p WITH (connect = false, slot_name = NONE)",
    'subscription follower',
    { undo: 'DROP SUBSCRIPTION follower' },
  ],
];

const WHOLE: Definition[] = [
  ['GRANT CREATE ON SCHEMA "销售 部" TO pg_monitor', 'schema "销售 部"'],
  ['GRANT CREATE ON SCHEMA public TO PUBLIC', 'schema public'],
  ['CREATE SCHEMA more', 'schema more'],
  ['DROP EXTENSION pg_trgm', 'extension pg_trgm'],
  ['CREATE EXTENSION pgcrypto', 'extension pgcrypto'],
  ["UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'hstore'", 'extension hstore'],
  ['ALTER EXTENSION hstore ADD TABLE toasted', 'extension hstore'],
  ['ALTER EXTENSION hstore SET SCHEMA "销售 部"', 'extension hstore'],
  ["COMMENT ON FUNCTION double_of IS 'twice'", 'comment function public.double_of(integer)'],
  ['COMMENT ON INDEX booked_room IS NULL', 'comment index public.booked_room'],
  ["COMMENT ON SEQUENCE belonging IS 'other'", 'comment sequence public.belonging'],
  [
    "COMMENT ON CONSTRAINT booked_pkey ON booked IS 'other'",
    'comment table constraint booked_pkey on public.booked',
  ],
  ["COMMENT ON SCHEMA public IS 'other'", 'comment schema public'],
  ["COMMENT ON EXTENSION hstore IS 'other'", 'comment extension hstore'],
  ["COMMENT ON LARGE OBJECT 100001 IS 'other'", 'comment large object 100001'],
  ["COMMENT ON DATABASE copy IS 'other'", 'database settings'],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor', 'default privileges of postgres on r in'],
  [
    'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON SEQUENCES FROM pg_monitor',
    'default privileges of postgres on S in',
  ],
  ["ALTER DATABASE copy SET work_mem = '5MB'", 'database settings'],
  ["ALTER ROLE CURRENT_USER IN DATABASE copy SET app.key = 'hunter2'", 'database settings'],
  ['ALTER DATABASE copy CONNECTION LIMIT 50', 'database settings'],
  ['REVOKE TEMPORARY ON DATABASE copy FROM PUBLIC', 'database settings'],
  ["UPDATE pg_database SET datcollversion = '1' WHERE datname = 'copy'", 'database settings', { since: 15 }],
  [
    'GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO PUBLIC',
    'privileges function pg_catalog.pg_reload_conf()',
  ],
  ['REVOKE SELECT ON pg_catalog.pg_stats FROM PUBLIC', 'privileges view pg_catalog.pg_stats'],
  ['ALTER LARGE OBJECT 100001 OWNER TO pg_monitor', 'large objects all'],
  ['GRANT SELECT ON LARGE OBJECT 100001 TO pg_monitor', 'large objects all'],
  // A row that is neither there nor gone.
  [
    "BEGIN; INSERT INTO no_key VALUES (1, 'x'); PREPARE TRANSACTION 'waiting'",
    'prepared transaction waiting',
    { undo: "ROLLBACK PREPARED 'waiting'" },
  ],
  [
    "SET allow_system_table_mods = on; INSERT INTO pg_seclabel SELECT 'no_key'::regclass, 'pg_class'::regclass, 0, 'selinux', 'secret'",
    'security label table public.no_key',
  ],
];

/** What belongs to the whole server, and comes with a snapshot too. */
const CLUSTER: Definition[] = [
  ['CREATE ROLE newcomer', 'role newcomer', { undo: 'DROP ROLE newcomer' }],
  ['ALTER ROLE seller CREATEDB', 'role seller', { undo: 'ALTER ROLE seller NOCREATEDB' }],
  ['ALTER ROLE seller CONNECTION LIMIT 5', 'role seller', { undo: 'ALTER ROLE seller CONNECTION LIMIT -1' }],
  [
    "ALTER ROLE seller VALID UNTIL '2030-01-01'",
    'role seller',
    {
      undo: "ALTER ROLE seller VALID UNTIL 'infinity'; UPDATE pg_authid SET rolvaliduntil = NULL WHERE rolname = 'seller'",
    },
  ],
  ['GRANT pg_monitor TO seller', 'role seller', { undo: 'REVOKE pg_monitor FROM seller' }],
  [
    'GRANT team TO seller WITH ADMIN OPTION',
    'role seller',
    { undo: 'REVOKE ADMIN OPTION FOR team FROM seller' },
  ],
  ["ALTER ROLE seller SET work_mem = '7MB'", 'role seller', { undo: 'ALTER ROLE seller RESET work_mem' }],
  [
    "ALTER ROLE ALL SET statement_timeout = '7h'",
    'settings of all roles',
    { undo: 'ALTER ROLE ALL RESET statement_timeout' },
  ],
  ["COMMENT ON ROLE seller IS 'other'", 'role seller', { undo: 'COMMENT ON ROLE seller IS NULL' }],
  [
    'GRANT SET ON PARAMETER log_statement TO seller',
    'parameter log_statement',
    { since: 15, undo: 'REVOKE SET ON PARAMETER log_statement FROM seller' },
  ],
  [
    "ALTER DATABASE copy SET allow_in_place_tablespaces = on;; CREATE TABLESPACE other LOCATION ''",
    'tablespace other',
    { since: 15, undo: 'DROP TABLESPACE other' },
  ],
];

/** Kinds of object that the engine knows, the longest names first: `text search parser` before `text`. */
export const KINDS: string[] = [databaseKinds, relationKinds, typeKinds, codeKinds, outsideKinds]
  .flatMap((kinds) => kinds({ version: 180000, seesConnections: true, seesMappings: true }))
  .map(({ kind }) => kind)
  .sort((a, b) => b.length - a.length);

export const kindOf = (object: string): string | undefined =>
  KINDS.find((kind) => object.startsWith(`${kind} `));

/** Each change of a definition that this major version knows, so that none is left to chance. */
export function definitionsFor(version: number): Change[] {
  return [...TABLE_DEFINITIONS, ...CODE, ...TYPES, ...OUTSIDE, ...WHOLE, ...CLUSTER]
    .map(([sql, object, more]): Change => ({ kind: `definition: ${kindOf(object)}`, sql, object, ...more }))
    .filter(({ since = 0 }) => version >= since);
}
