import { type Catalog, type Kind, kindOf, own, owner, privileges, qualified, SINCE } from './sql.ts';

const routine = (oid: string): string => `nullif(${oid}::oid, 0)::regprocedure`;

/** Types and collations. */
export function typeKinds({ version }: Catalog): Kind[] {
  return [
    kindOf(
      'type',
      qualified('n.nspname', 't.typname'),
      {
        kind: 't.typtype',
        'is defined': 't.typisdefined',
        owner: owner('t.typowner'),
        privileges: privileges('t.typacl', 'T', 't.typowner'),
        'base type': 'format_type(nullif(t.typbasetype, 0), t.typtypmod)',
        'not null': 't.typnotnull',
        default: 't.typdefault',
        collation: 'nullif(t.typcollation, 0)::regcollation',
        functions: `CASE WHEN t.typtype = 'b' THEN
          ROW(${['t.typinput', 't.typoutput', 't.typreceive', 't.typsend', 't.typmodin', 't.typmodout', 't.typanalyze', 't.typsubscript'].map(routine).join(', ')})::text END`,
        form: `CASE WHEN t.typtype = 'b' THEN ROW(t.typlen, t.typbyval, t.typalign, t.typstorage, t.typdelim, t.typcategory, t.typispreferred, nullif(t.typelem, 0)::regtype)::text END`,
        labels: `(SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)`,
        range: `(SELECT ROW(r.rngsubtype::regtype, ${qualified('cn.nspname', 'o.opcname')}, nullif(r.rngcollation, 0)::regcollation, ${routine('r.rngcanonical')}, ${routine('r.rngsubdiff')}, r.rngmultitypid::regtype)::text
          FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_namespace cn ON cn.oid = o.opcnamespace WHERE r.rngtypid = t.oid)`,
      },
      // Types of tables and of arrays follow from their parts.
      `FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE (c.oid IS NULL OR c.relkind = 'c') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) AND ${own('t.oid', 'n.nspname')}`,
    ),
    kindOf(
      'collation',
      qualified('n.nspname', 'c.collname'),
      {
        owner: owner('c.collowner'),
        provider: 'c.collprovider',
        encoding: 'c.collencoding',
        collate: 'c.collcollate',
        'character type': 'c.collctype',
        locale: localeOf('c.coll', version),
        rules: version >= SINCE[16] ? 'c.collicurules' : 'NULL',
        deterministic: 'c.collisdeterministic',
        version: 'c.collversion',
      },
      `FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${own('c.oid', 'n.nspname')}`,
    ),
  ];
}

/**
 * The locale of ICU and of PostgreSQL's own provider.
 *
 * @param prefix of the catalog's columns.
 */
export function localeOf(prefix: 'c.coll' | 'db.dat', version: number): string {
  if (version >= SINCE[17]) return `${prefix}locale`;
  return version >= SINCE[15] ? `${prefix}iculocale` : 'NULL';
}
