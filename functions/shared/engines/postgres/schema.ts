import type pg from 'pg';

/** Schemas that belong to the server, and the temporary ones of sessions. */
const NOT_SYSTEM = (schema: string): string =>
  `${schema} NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND ${schema} !~ '^pg_(toast_)?temp_'`;

/** Objects that an extension brings are its own business: the extension's version stands for them. */
const NOT_OF_EXTENSION = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

const qualified = (schema: string, name: string): string => `format('%I.%I', ${schema}, ${name})`;

/** Several facts as one text, unambiguous: a JSON array quotes each and tells nothing from empty. */
const definition = (...facts: string[]): string =>
  `json_build_array(${facts.join(', ')})::text AS definition`;

/** Privileges in an order of their own: the one in the catalog is that of the GRANTs. */
const privileges = (acl: string): string =>
  `(SELECT string_agg(entry::text, ',' ORDER BY entry::text) FROM unnest(${acl}) AS entry)`;

const owner = (oid: string): string => `pg_get_userbyid(${oid})`;

/**
 * One query a kind of object. Each gives its name and everything that defines it as text, without numbers (OIDs) that another
 * server would have given differently. What is hashed is the definition that PostgreSQL itself prints, so no rule of the
 * language is written again here.
 */
const QUERIES: { kind: string; sql: string; facts?: string[] }[] = [
  {
    kind: 'database',
    facts: [
      'encoding',
      'collation',
      'character type',
      'locale provider',
      'connection limit',
      'owner',
      'privileges',
      'settings',
    ],
    sql: `SELECT 'settings' AS name, ${definition(
      'pg_encoding_to_char(encoding)',
      'datcollate',
      'datctype',
      // Since PostgreSQL 15.
      `to_jsonb(db) ->> 'datlocprovider'`,
      'datconnlimit',
      owner('datdba'),
      privileges('datacl'),
      `(SELECT string_agg(ROW(${owner('setrole')}, setconfig)::text, ';' ORDER BY ${owner('setrole')}) FROM pg_db_role_setting s WHERE s.setdatabase = db.oid)`,
    )} FROM pg_database db WHERE datname = current_database()`,
  },
  {
    kind: 'schema',
    facts: ['owner', 'privileges'],
    sql: `SELECT format('%I', nspname) AS name, ${definition(owner('nspowner'), privileges('nspacl'))} FROM pg_namespace WHERE ${NOT_SYSTEM('nspname')}`,
  },
  {
    kind: 'default privileges',
    sql: `SELECT concat_ws(' ', 'of', ${owner('d.defaclrole')}, 'on', d.defaclobjtype, 'in', n.nspname) AS name, ${definition(privileges('d.defaclacl'))}
            FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`,
  },
  {
    kind: 'extension',
    facts: ['version', 'schema'],
    sql: `SELECT extname AS name, ${definition('extversion', 'n.nspname')} FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace`,
  },
  {
    kind: 'relation',
    facts: [
      'kind',
      'persistence',
      'owner',
      'privileges',
      'options',
      'row security',
      'forced row security',
      'replica identity',
      'partition key',
      'partition bounds',
      'parents',
      'query',
      'comment',
    ],
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} AS name, ${definition(
      'c.relkind',
      'c.relpersistence',
      owner('c.relowner'),
      privileges('c.relacl'),
      'c.reloptions',
      'c.relrowsecurity',
      'c.relforcerowsecurity',
      'c.relreplident',
      'pg_get_partkeydef(c.oid)',
      'pg_get_expr(c.relpartbound, c.oid)',
      `(SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)`,
      `CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END`,
      `obj_description(c.oid, 'pg_class')`,
    )}
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'column',
    facts: [
      'position',
      'type',
      'not null',
      'identity',
      'generated',
      'default',
      'collation',
      'privileges',
      'storage',
      'options',
      'comment',
    ],
    // The position without dropped columns, which a dump does not bring along.
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(a.attname) AS name, ${definition(
      'row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)',
      'format_type(a.atttypid, a.atttypmod)',
      'a.attnotnull',
      'a.attidentity',
      'a.attgenerated',
      'pg_get_expr(d.adbin, d.adrelid)',
      'nullif(a.attcollation, 0)::regcollation',
      privileges('a.attacl'),
      'a.attstorage',
      'a.attoptions',
      'col_description(c.oid, a.attnum)',
      // Since PostgreSQL 14.
      `to_jsonb(a) ->> 'attcompression'`,
      // -1 before PostgreSQL 17, NULL since: the default.
      'nullif(a.attstattarget, -1)',
    )}
            FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'constraint',
    facts: ['type', 'definition', 'validated', 'deferrable', 'deferred'],
    sql: `SELECT concat_ws('.', ${qualified('n.nspname', 'coalesce(c.relname, t.typname)')}, quote_ident(con.conname)) AS name,
                 ${definition('con.contype', 'pg_get_constraintdef(con.oid)', 'con.convalidated', 'con.condeferrable', 'con.condeferred')}
            FROM pg_constraint con
            JOIN pg_namespace n ON n.oid = con.connamespace
            LEFT JOIN pg_class c ON c.oid = con.conrelid
            LEFT JOIN pg_type t ON t.oid = con.contypid
           WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'index',
    facts: ['definition', 'valid', 'ready', 'clustered', 'replica identity', 'options'],
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} AS name,
                 ${definition('pg_get_indexdef(i.indexrelid)', 'i.indisvalid', 'i.indisready', 'i.indisclustered', 'i.indisreplident', 'c.reloptions')}
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'statistics',
    sql: `SELECT ${qualified('n.nspname', 's.stxname')} AS name, ${definition('pg_get_statisticsobjdef(s.oid)')}
            FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'routine',
    facts: ['kind', 'owner', 'privileges', 'definition'],
    sql: `SELECT ${qualified('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
                 ${definition(
                   'p.prokind',
                   owner('p.proowner'),
                   privileges('p.proacl'),
                   `CASE WHEN p.prokind = 'a'
                         THEN (SELECT ROW(ag.aggtransfn, ag.aggfinalfn, ag.agginitval, ag.aggtranstype::regtype)::text FROM pg_aggregate ag WHERE ag.aggfnoid = p.oid)
                         ELSE pg_get_functiondef(p.oid) END`,
                 )}
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')}`,
  },
  {
    kind: 'trigger',
    facts: ['definition', 'enabled'],
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(t.tgname) AS name, ${definition('pg_get_triggerdef(t.oid)', 't.tgenabled')}
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE NOT t.tgisinternal AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'event trigger',
    sql: `SELECT quote_ident(evtname) AS name, ${definition('evtevent', 'evtfoid::regproc', 'evtenabled', 'evttags')} FROM pg_event_trigger`,
  },
  {
    kind: 'rule',
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(r.rulename) AS name, ${definition('pg_get_ruledef(r.oid)', 'r.ev_enabled')}
            FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE r.rulename <> '_RETURN' AND ${NOT_SYSTEM('n.nspname')}`,
  },
  {
    kind: 'policy',
    facts: ['command', 'permissive', 'roles', 'using', 'with check'],
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} || '.' || quote_ident(p.polname) AS name,
                 ${definition(
                   'p.polcmd',
                   'p.polpermissive',
                   `(SELECT string_agg(${owner('role')}, ',' ORDER BY ${owner('role')}) FROM unnest(p.polroles) AS role WHERE role <> 0)`,
                   'pg_get_expr(p.polqual, p.polrelid)',
                   'pg_get_expr(p.polwithcheck, p.polrelid)',
                 )}
            FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace`,
  },
  {
    kind: 'type',
    facts: [
      'kind',
      'owner',
      'privileges',
      'base type',
      'not null',
      'default',
      'collation',
      'functions',
      'labels',
      'range',
    ],
    // Composite types are relations with columns; array types follow their elements.
    sql: `SELECT ${qualified('n.nspname', 't.typname')} AS name,
                 ${definition(
                   't.typtype',
                   owner('t.typowner'),
                   privileges('t.typacl'),
                   'format_type(nullif(t.typbasetype, 0), t.typtypmod)',
                   't.typnotnull',
                   't.typdefault',
                   'nullif(t.typcollation, 0)::regcollation',
                   `CASE WHEN t.typtype = 'b' THEN ROW(t.typinput, t.typoutput, t.typlen, t.typbyval, t.typalign)::text END`,
                   `(SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)`,
                   `(SELECT ROW(r.rngsubtype::regtype, o.opcname, nullif(r.rngcollation, 0)::regcollation)::text FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid = t.oid)`,
                 )}
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
           WHERE t.typtype IN ('b', 'e', 'd', 'r', 'm') AND t.typcategory <> 'A' AND ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_type', 't.oid')}`,
  },
  {
    kind: 'collation',
    sql: `SELECT ${qualified('n.nspname', 'c.collname')} AS name, ${definition('c.collprovider', 'c.collcollate', 'c.collctype', 'c.collisdeterministic')}
            FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_collation', 'c.oid')}`,
  },
  {
    kind: 'operator',
    sql: `SELECT o.oid::regoperator::text AS name, ${definition('o.oprcode', 'o.oprresult::regtype', 'o.oprcanmerge', 'o.oprcanhash')}
            FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_operator', 'o.oid')}`,
  },
  {
    kind: 'cast',
    sql: `SELECT format('(%s AS %s)', c.castsource::regtype, c.casttarget::regtype) AS name, ${definition('nullif(c.castfunc, 0)::regprocedure', 'c.castcontext', 'c.castmethod')}
            FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
           WHERE c.oid >= 16384 AND ${NOT_OF_EXTENSION('pg_cast', 'c.oid')}`,
  },
  {
    kind: 'text search configuration',
    sql: `SELECT ${qualified('n.nspname', 'c.cfgname')} AS name,
                 ${definition(`(SELECT string_agg(ROW(m.maptokentype, m.mapseqno, m.mapdict::regdictionary)::text, ',' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)`)}
            FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE ${NOT_SYSTEM('n.nspname')} AND ${NOT_OF_EXTENSION('pg_ts_config', 'c.oid')}`,
  },
  {
    kind: 'foreign server',
    sql: `SELECT quote_ident(s.srvname) AS name, ${definition('w.fdwname', 's.srvtype', 's.srvversion', 's.srvoptions', owner('s.srvowner'), privileges('s.srvacl'))}
            FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw`,
  },
  {
    kind: 'publication',
    sql: `SELECT quote_ident(p.pubname) AS name,
                 ${definition('p.puballtables', 'p.pubinsert', 'p.pubupdate', 'p.pubdelete', 'p.pubtruncate', `(SELECT string_agg(r.prrelid::regclass::text, ',' ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid)`)}
            FROM pg_publication p`,
  },
  {
    // Those of tables and columns stand with them. The identity, unlike a description, is the same in every language.
    kind: 'comment',
    sql: `SELECT i.type || ' ' || i.identity AS name, ${definition('d.description')}
            FROM pg_description d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
           WHERE d.classoid <> 'pg_class'::regclass AND d.objoid >= 16384
             AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
             AND d.classoid <> 'pg_extension'::regclass`,
  },
  {
    kind: 'large objects',
    // Their contents are compared as a table; here, that each is there, whose it is, and who may use it.
    sql: `SELECT 'all' AS name, ${definition('count(*)', `sum(hashtextextended(ROW(l.oid, ${owner('l.lomowner')}, ${privileges('l.lomacl')})::text, 0))`)} FROM pg_largeobject_metadata l`,
  },
  {
    kind: 'sequence',
    facts: [
      'type',
      'start',
      'increment',
      'maximum',
      'minimum',
      'cache',
      'cycle',
      'persistence',
      'owner',
      'privileges',
    ],
    sql: `SELECT ${qualified('n.nspname', 'c.relname')} AS name,
                 ${definition('s.seqtypid::regtype', 's.seqstart', 's.seqincrement', 's.seqmax', 's.seqmin', 's.seqcache', 's.seqcycle', 'c.relpersistence', owner('c.relowner'), privileges('c.relacl'))}
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE ${NOT_SYSTEM('n.nspname')}`,
  },
];

/** Hexadecimal digits of SHA-256 that are kept: 128 bits. */
const HASH_DIGITS = 32;

/**
 * Fingerprint of a database's schema: every object by `kind name` with a hash of its definition. Runs in the caller's
 * transaction.
 */
export async function schemaFingerprint(client: pg.Client): Promise<Record<string, string>> {
  const fingerprint: Record<string, string> = {};
  for (const { kind, sql } of QUERIES) {
    const result = await client.query<{ name: string; hash: string }>(
      // textsend rather than convert_to: it leaves the bytes of a database without an encoding as they are.
      `SELECT name, left(encode(sha256(textsend(string_agg(definition, E'\\n' ORDER BY definition COLLATE "C"))), 'hex'), ${HASH_DIGITS}) AS hash
         FROM (${sql}) AS objects GROUP BY name ORDER BY name COLLATE "C"`,
    );
    for (const row of result.rows) fingerprint[`${kind} ${row.name}`] = row.hash;
  }
  return fingerprint;
}

/** One object's definition, as lines of `fact: value`. */
export type Definitions = Map<string, string>;

/**
 * The definitions of some objects, to show how two differ.
 *
 * @param objects as {@link schemaFingerprint} names them.
 */
export async function definitionsOf(client: pg.Client, objects: string[]): Promise<Definitions> {
  const definitions: Definitions = new Map();
  for (const { kind, sql, facts = [] } of QUERIES) {
    const names = objects.filter((object) => object.startsWith(`${kind} `));
    if (names.length === 0) continue;
    const { rows } = await client.query<{ name: string; definition: string }>(
      `SELECT name, definition FROM (${sql}) AS objects WHERE name = ANY ($1) ORDER BY name, definition COLLATE "C"`,
      [names.map((object) => object.slice(kind.length + 1))],
    );
    for (const row of rows) {
      const object = `${kind} ${row.name}`;
      const before = definitions.get(object);
      const text = textOf(row.definition, facts);
      definitions.set(object, before === undefined ? text : `${before}${text}`);
    }
  }
  return definitions;
}

function textOf(definition: string, facts: string[]): string {
  const values: unknown = JSON.parse(definition);
  if (!Array.isArray(values)) throw new TypeError('a definition is a JSON array');
  return values
    .map((value: unknown, index) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${facts[index] ?? `fact ${index + 1}`}: ${text}\n`;
    })
    .join('');
}
