import {
  type Catalog,
  FIRST_NORMAL_OID,
  type Kind,
  kindOf,
  listed,
  own,
  owner,
  privileges,
  SINCE,
} from './sql.ts';
import { localeOf } from './types.ts';

/** Roles that RDS makes and changes by itself. */
const OF_RDS = '^rds';

/** Settings of roles in one database, or in all (0). Some products keep a key in such a setting. */
const settings = (database: string, role: string): string =>
  `(SELECT array_agg(setting ORDER BY setting) FROM (SELECT concat(nullif(s.setrole, 0)::regrole, ' ', unnest(s.setconfig)) AS setting FROM pg_db_role_setting s
     WHERE s.setdatabase = ${database} AND ${role} AND s.setrole::regrole::text !~ '${OF_RDS}') AS all_settings)`;

/** The database as a whole, and facts about objects of any kind. */
export function databaseKinds({ version }: Catalog): Kind[] {
  return [
    kindOf(
      'database',
      `'settings'`,
      {
        encoding: 'pg_encoding_to_char(db.encoding)',
        collation: 'db.datcollate',
        'character type': 'db.datctype',
        'locale provider': version >= SINCE[15] ? 'db.datlocprovider' : 'NULL',
        locale: localeOf('db.dat', version),
        'rules of the locale': version >= SINCE[16] ? 'db.daticurules' : 'NULL',
        'version of the collation': version >= SINCE[15] ? 'db.datcollversion' : 'NULL',
        'is a template': 'db.datistemplate',
        'connection limit': 'db.datconnlimit',
        tablespace: 'ts.spcname',
        owner: owner('db.datdba'),
        privileges: privileges('db.datacl', 'd', 'db.datdba'),
        'settings (hidden)': settings('db.oid', 'true'),
        comment: `shobj_description(db.oid, 'pg_database')`,
      },
      'FROM pg_database db JOIN pg_tablespace ts ON ts.oid = db.dattablespace WHERE db.datname = current_database()',
    ),
    kindOf(
      'schema',
      `format('%I', n.nspname)`,
      { owner: owner('n.nspowner'), privileges: privileges('n.nspacl', 'n', 'n.nspowner') },
      `FROM pg_namespace n WHERE n.nspname = 'public' OR ${own('n.oid', 'n.nspname')}`,
    ),
    kindOf(
      'default privileges',
      `concat_ws(' ', 'of', ${owner('d.defaclrole')}, 'on', d.defaclobjtype, 'in', n.nspname)`,
      { privileges: listed('entry::text', 'FROM unnest(d.defaclacl) AS entry') },
      'FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace',
    ),
    kindOf(
      'extension',
      'e.extname',
      {
        version: 'e.extversion',
        schema: 'n.nspname',
        owner: owner('e.extowner'),
        relocatable: 'e.extrelocatable',
        'tables of settings': listed(
          `ROW(config.number::regclass, e.extcondition[config.position])::text`,
          'FROM unnest(e.extconfig) WITH ORDINALITY AS config (number, position)',
        ),
        members: `(SELECT count(*) || ' ' || sum(hashtextextended(i.type || ' ' || i.identity COLLATE "C", 0))
           FROM pg_depend d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
          WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e')`,
        // ALTER … DEPENDS ON EXTENSION
        dependents: listed(
          `i.type || ' ' || i.identity`,
          `FROM pg_depend d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
            WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'x'`,
        ),
      },
      'FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace',
    ),
    // Comments on tables and columns stand with those. The identity, unlike a description, is the same in every language.
    kindOf(
      'comment',
      `i.type || ' ' || i.identity`,
      { comment: 'd.description' },
      `FROM pg_description d
       LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid
       CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
      WHERE (c.oid IS NULL OR c.relkind NOT IN ('r', 'p', 'v', 'm', 'f', 'c'))
        AND (d.objoid >= ${FIRST_NORMAL_OID} OR d.classoid = 'pg_extension'::regclass OR d.objoid = 'public'::regnamespace)`,
    ),
    kindOf(
      'security label',
      `l.objtype || ' ' || l.objname`,
      { provider: 'l.provider', label: 'l.label' },
      'FROM pg_seclabels l',
    ),
    // Objects that came with PostgreSQL, where they are not as they were at first.
    kindOf(
      'privileges',
      `i.type || ' ' || i.identity`,
      { privileges: listed('entry::text', 'FROM unnest(object.acl) AS entry') },
      `FROM (SELECT 'pg_class'::regclass AS class, oid, 0 AS part, relacl AS acl, relnamespace AS schema FROM pg_class
             UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, attacl, 'pg_catalog'::regnamespace FROM pg_attribute
             UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proacl, pronamespace FROM pg_proc
             UNION ALL SELECT 'pg_type'::regclass, oid, 0, typacl, typnamespace FROM pg_type
             UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspacl, oid FROM pg_namespace WHERE nspname <> 'public') AS object
       LEFT JOIN pg_init_privs p ON p.classoid = object.class AND p.objoid = object.oid AND p.objsubid = object.part
       CROSS JOIN LATERAL pg_identify_object(object.class, object.oid, object.part) AS i
      WHERE object.oid < ${FIRST_NORMAL_OID} AND object.schema <> 'information_schema'::regnamespace AND object.acl IS DISTINCT FROM p.initprivs`,
    ),
    // Prepared transactions: their rows are neither there nor gone, and their locks stay.
    kindOf(
      'prepared transaction',
      'quote_ident(x.gid)',
      { owner: 'x.owner' },
      'FROM pg_prepared_xacts x WHERE x.database = current_database()',
    ),
    ...clusterKinds(version),
  ];
}

/** Objects of the whole server, which come with a restored snapshot. Passwords are not asked for, not even as hashes. */
function clusterKinds(version: number): Kind[] {
  return [
    kindOf(
      'role',
      'quote_ident(r.rolname)',
      {
        superuser: 'r.rolsuper',
        inherits: 'r.rolinherit',
        'may create roles': 'r.rolcreaterole',
        'may create databases': 'r.rolcreatedb',
        'may log in': 'r.rolcanlogin',
        'may replicate': 'r.rolreplication',
        'sees every row': 'r.rolbypassrls',
        'connection limit': 'r.rolconnlimit',
        'valid until': 'r.rolvaliduntil',
        'settings (hidden)': settings('0', 's.setrole = r.oid'),
        'member of': listed(
          `concat_ws(' ', m.roleid::regrole, CASE WHEN m.admin_option THEN 'admin' END${version >= SINCE[16] ? `, CASE WHEN m.inherit_option THEN 'inherit' END, CASE WHEN m.set_option THEN 'set' END` : ''}, 'by', m.grantor::regrole)`,
          'FROM pg_auth_members m WHERE m.member = r.oid',
        ),
        comment: `shobj_description(r.oid, 'pg_authid')`,
      },
      `FROM pg_roles r WHERE r.rolname !~ '^pg_' AND r.rolname !~ '${OF_RDS}'`,
    ),
    kindOf('settings', `'of all roles'`, { 'settings (hidden)': settings('0', 's.setrole = 0') }, ''),
    kindOf(
      'tablespace',
      'quote_ident(t.spcname)',
      {
        owner: owner('t.spcowner'),
        privileges: privileges('t.spcacl', 't', 't.spcowner'),
        options: 't.spcoptions',
        comment: `shobj_description(t.oid, 'pg_tablespace')`,
      },
      `FROM pg_tablespace t WHERE ${own('t.oid')}`,
    ),
    ...(version >= SINCE[15]
      ? [
          kindOf(
            'parameter',
            'quote_ident(p.parname)',
            { privileges: listed('entry::text', 'FROM unnest(p.paracl) AS entry') },
            'FROM pg_parameter_acl p',
          ),
        ]
      : []),
  ];
}
