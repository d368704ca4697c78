import type pg from 'pg';
import { quoteIdentifier } from './connection.ts';

/** Schemas that belong to the server, and the temporary ones of sessions. */
const NOT_SYSTEM = (schema: string): string =>
  `${schema} NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND ${schema} !~ '^pg_(toast_)?temp_'`;

/** Objects that an extension brings are its own business: the extension's version stands for them. */
const NOT_OF_EXTENSION = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

const qualified = (schema: string, name: string): string => `format('%I.%I', ${schema}, ${name})`;

/**
 * One query a kind of object. Each gives its name and everything that defines it as text; what is hashed is the
 * definition that PostgreSQL itself prints, so no rule of the language is written again here.
 */
const QUERIES: { kind: string; sql: string }[] = [
  {
    kind: 'database',
    sql: `SELECT datname AS name, concat_ws('|', pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, datacl::text,
                 (SELECT string_agg(setconfig::text, ';' ORDER BY setrole) FROM pg_db_role_setting s WHERE s.setdatabase = db.oid)) AS definition
            FROM pg_database db WHERE datname = current_database()`,
  },
  {
    kind: 'schema',
    sql: `SELECT format('%I', nspname) AS name, concat_ws('|', pg_get_userbyid(nspowner), nspacl::text) AS definition
            FROM pg_namespace WHERE ${NOT_SYSTEM('nspname')}`,
  },
  {
    kind: 'extension',
    sql: `SELECT extname AS name, concat_ws('|', extversion, n.nspname) AS definition
            FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace`,
  },
  {
    kind: 'relation',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} AS name,
                 concat_ws('|', c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.relacl::text, c.reloptions::text,
                   c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
                   pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                   (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
                   CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
                   obj_description(c.oid, 'pg_class')) AS definition
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'column',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(a.attname) AS name,
                 concat_ws('|', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                   pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation::text, a.attacl::text, a.attstorage, a.attoptions::text,
                   col_description(c.oid, a.attnum)) AS definition
            FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'constraint',
    sql: `SELECT concat_ws('.', n.nspname, coalesce(c.relname, t.typname), con.conname) AS name,
                 concat_ws('|', pg_get_constraintdef(con.oid), con.convalidated, con.condeferrable, con.condeferred) AS definition
            FROM pg_constraint con
            JOIN pg_namespace n ON n.oid = con.connamespace
            LEFT JOIN pg_class c ON c.oid = con.conrelid
            LEFT JOIN pg_type t ON t.oid = con.contypid
           WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'index',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} AS name,
                 concat_ws('|', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indisclustered, i.indisreplident, c.reloptions::text) AS definition
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'statistics',
    sql: `SELECT ${qualified('n.nspname', 's.stxname')} AS name, pg_get_statisticsobjdef(s.oid) AS definition
            FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'routine',
    sql: `SELECT ${qualified('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
                 concat_ws('|', p.prokind, pg_get_userbyid(p.proowner), p.proacl::text,
                   CASE WHEN p.prokind = 'a'
                        THEN (SELECT concat_ws('|', ag.aggtransfn, ag.aggfinalfn, ag.agginitval, ag.aggtranstype::regtype) FROM pg_aggregate ag WHERE ag.aggfnoid = p.oid)
                        ELSE pg_get_functiondef(p.oid) END) AS definition
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')}`,
  },
  {
    kind: 'trigger',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(t.tgname) AS name,
                 concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled) AS definition
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE NOT t.tgisinternal AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'event trigger',
    sql: `SELECT quote_ident(evtname) AS name, concat_ws('|', evtevent, evtfoid::regproc, evtenabled, evttags::text) AS definition FROM pg_event_trigger`,
  },
  {
    kind: 'rule',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(r.rulename) AS name, concat_ws('|', pg_get_ruledef(r.oid), r.ev_enabled) AS definition
            FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE r.rulename <> '_RETURN' AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'policy',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(p.polname) AS name,
                 concat_ws('|', p.polcmd, p.polpermissive, (SELECT string_agg(r::regrole::text, ',' ORDER BY r) FROM unnest(p.polroles) r WHERE r <> 0),
                   pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) AS definition
            FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace`,
  },
  {
    kind: 'type',
    sql: `SELECT ${qualified('n.nspname', 't.typname')} AS name,
                 concat_ws('|', t.typtype, pg_get_userbyid(t.typowner), t.typacl::text, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
                   nullif(t.typcollation, 0)::regcollation::text,
                   (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
                   (SELECT concat_ws(',', r.rngsubtype::regtype, r.rngsubopc, r.rngcollation) FROM pg_range r WHERE r.rngtypid = t.oid)) AS definition
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
           WHERE t.typtype IN ('e', 'd', 'r', 'm') AND ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_type', 't.oid')}`,
  },
  {
    kind: 'collation',
    sql: `SELECT ${qualified('n.nspname', 'c.collname')} AS name, concat_ws('|', c.collprovider, c.collcollate, c.collctype, c.collisdeterministic) AS definition
            FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'sequence',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} AS name,
                 concat_ws('|', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle, pg_get_userbyid(c.relowner), c.relacl::text) AS definition
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
];

/** Sequences asked in one statement: keeps statements short on schemas with thousands. */
const SEQUENCES_A_STATEMENT = 200;

/**
 * Fingerprint of a database's schema: every object by `kind name` with a hash of its definition, the sequences' values
 * included. Runs in the caller's transaction.
 */
export async function schemaFingerprint(client: pg.Client): Promise<Record<string, string>> {
  const fingerprint: Record<string, string> = {};
  for (const { kind, sql } of QUERIES) {
    const result = await client.query<{ name: string; hash: string }>(
      `SELECT name, encode(sha256(convert_to(string_agg(definition, E'\\n' ORDER BY definition), 'UTF8')), 'hex') AS hash
         FROM (${sql}) AS objects GROUP BY name`,
    );
    for (const row of result.rows) fingerprint[`${kind} ${row.name}`] = row.hash.slice(0, 32);
  }
  const sequences = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND ${NOT_SYSTEM('n.nspname')} ORDER BY 1, 2`,
  );
  for (let first = 0; first < sequences.rows.length; first += SEQUENCES_A_STATEMENT) {
    const batch = sequences.rows.slice(first, first + SEQUENCES_A_STATEMENT);
    const sql = batch.map(
      ({ schema, name }, index) =>
        `SELECT ${index} AS index, last_value::text, is_called FROM ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    );
    const values = await client.query<{ index: number; last_value: string; is_called: boolean }>(
      sql.join(' UNION ALL '),
    );
    for (const row of values.rows) {
      const sequence = batch[row.index];
      if (sequence === undefined) continue;
      fingerprint[`sequence value ${quoteIdentifier(sequence.schema)}.${quoteIdentifier(sequence.name)}`] =
        `${row.last_value}${row.is_called ? '' : ' (not called)'}`;
    }
  }
  return fingerprint;
}
