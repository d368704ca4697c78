import {
  type Catalog,
  inBatches,
  type Kind,
  kindOf,
  listed,
  own,
  owner,
  privileges,
  qualified,
  SINCE,
} from './sql.ts';

const OF_TABLE = 'JOIN pg_namespace n ON n.oid = c.relnamespace';
const TABLE = qualified('n.nspname', 'c.relname');

/** Tables and views, and all that belongs to them. */
export function relationKinds({ version }: Catalog): Kind[] {
  return [
    relationKind(`c.relkind IN ('r', 'p', 'f', 'c')`),
    inBatches(relationKind(`c.relkind IN ('v', 'm')`), 'c.oid'),
    kindOf(
      'column',
      `${TABLE} || '.' || quote_ident(a.attname)`,
      {
        // Dropped columns are left out, since a dump does not bring them along.
        position: 'row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)',
        type: 'format_type(a.atttypid, a.atttypmod)',
        'not null': 'a.attnotnull',
        identity: 'a.attidentity',
        generated: 'a.attgenerated',
        default: 'pg_get_expr(d.adbin, d.adrelid)',
        collation: 'nullif(a.attcollation, 0)::regcollation',
        privileges: privileges('a.attacl', 'c', 'c.relowner'),
        storage: 'a.attstorage',
        compression: 'a.attcompression',
        options: 'a.attoptions',
        'options at the server (hidden)': 'a.attfdwoptions',
        // The default is -1 before PostgreSQL 17, and NULL since.
        'statistics target': 'nullif(a.attstattarget, -1)',
        'declared here': 'a.attislocal',
        'parents that declare it': 'a.attinhcount',
        comment: 'description.description',
      },
      `FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid ${OF_TABLE}
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       LEFT JOIN pg_description description ON description.classoid = 'pg_class'::regclass AND description.objoid = a.attrelid AND description.objsubid = a.attnum
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${own('c.oid', 'n.nspname')}`,
    ),
    kindOf(
      'constraint',
      `concat_ws('.', ${qualified('n.nspname', 'coalesce(c.relname, t.typname)')}, quote_ident(con.conname))`,
      {
        type: 'con.contype',
        definition: 'pg_get_constraintdef(con.oid)',
        validated: 'con.convalidated',
        deferrable: 'con.condeferrable',
        deferred: 'con.condeferred',
        'not inherited': 'con.connoinherit',
        'declared here': 'con.conislocal',
        'parents that declare it': 'con.coninhcount',
        'of the parent’s constraint': 'parent.conname',
        index: 'nullif(con.conindid, 0)::regclass',
        // A foreign key is enforced no more if its triggers were disabled.
        'enforced by triggers': `(SELECT string_agg(concat_ws(' ', g.tgrelid::regclass, g.tgtype, g.tgenabled), ', ' ORDER BY g.tgrelid::regclass::text, g.tgtype, g.tgenabled)
           FROM pg_trigger g WHERE g.tgconstraint = con.oid AND g.tgisinternal)`,
      },
      `FROM pg_constraint con
       JOIN pg_namespace n ON n.oid = con.connamespace
       LEFT JOIN pg_class c ON c.oid = con.conrelid
       LEFT JOIN pg_type t ON t.oid = con.contypid
       LEFT JOIN pg_constraint parent ON parent.oid = con.conparentid
      WHERE ${own('con.oid', 'n.nspname')}`,
    ),
    kindOf(
      'index',
      TABLE,
      {
        definition: 'pg_get_indexdef(i.indexrelid)',
        valid: 'i.indisvalid',
        ready: 'i.indisready',
        live: 'i.indislive',
        clustered: 'i.indisclustered',
        'replica identity': 'i.indisreplident',
        options: 'c.reloptions',
        tablespace: 'ts.spcname',
        'of the parent’s index': `(SELECT h.inhparent::regclass FROM pg_inherits h WHERE h.inhrelid = c.oid)`,
        'statistics targets': `(SELECT string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0)`,
      },
      `FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid ${OF_TABLE}
       LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
      WHERE ${own('c.oid', 'n.nspname')}`,
    ),
    kindOf(
      'statistics',
      qualified('n.nspname', 's.stxname'),
      {
        definition: 'pg_get_statisticsobjdef(s.oid)',
        owner: owner('s.stxowner'),
        target: 'nullif(s.stxstattarget, -1)',
      },
      `FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${own('s.oid', 'n.nspname')}`,
    ),
    kindOf(
      'trigger',
      `${TABLE} || '.' || quote_ident(t.tgname)`,
      {
        definition: 'pg_get_triggerdef(t.oid)',
        enabled: 't.tgenabled',
        'of the parent’s trigger': `(SELECT p.tgrelid::regclass FROM pg_trigger p WHERE p.oid = t.tgparentid)`,
      },
      `FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid ${OF_TABLE} WHERE NOT t.tgisinternal AND ${own('t.oid', 'n.nspname')}`,
    ),
    kindOf(
      'rule',
      `${TABLE} || '.' || quote_ident(r.rulename)`,
      { definition: 'pg_get_ruledef(r.oid)', enabled: 'r.ev_enabled' },
      `FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class ${OF_TABLE} WHERE r.rulename <> '_RETURN' AND ${own('r.oid', 'n.nspname')}`,
    ),
    kindOf(
      'policy',
      `${TABLE} || '.' || quote_ident(p.polname)`,
      {
        command: 'p.polcmd',
        permissive: 'p.polpermissive',
        roles: listed(owner('role'), 'FROM unnest(p.polroles) AS role WHERE role <> 0'),
        using: 'pg_get_expr(p.polqual, p.polrelid)',
        'with check': 'pg_get_expr(p.polwithcheck, p.polrelid)',
      },
      `FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ${OF_TABLE}`,
    ),
    kindOf(
      'sequence',
      TABLE,
      {
        type: 's.seqtypid::regtype',
        start: 's.seqstart',
        increment: 's.seqincrement',
        maximum: 's.seqmax',
        minimum: 's.seqmin',
        cache: 's.seqcache',
        cycle: 's.seqcycle',
        persistence: 'c.relpersistence',
        owner: owner('c.relowner'),
        privileges: privileges('c.relacl', 's', 'c.relowner'),
        'belongs to': `(SELECT concat_ws('.', d.refobjid::regclass, quote_ident(a.attname)) FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
           WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))`,
      },
      `FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid ${OF_TABLE} WHERE ${own('c.oid', 'n.nspname')}`,
    ),
    kindOf(
      'publication',
      'quote_ident(p.pubname)',
      {
        owner: owner('p.pubowner'),
        'all tables': 'p.puballtables',
        inserts: 'p.pubinsert',
        updates: 'p.pubupdate',
        deletes: 'p.pubdelete',
        truncates: 'p.pubtruncate',
        'as the partitioned table': 'p.pubviaroot',
        'generated columns': version >= SINCE[18] ? 'p.pubgencols' : 'NULL',
        tables: listed(
          version >= SINCE[15]
            ? `concat_ws(' ', r.prrelid::regclass, (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)),
                 'where ' || pg_get_expr(r.prqual, r.prrelid))`
            : 'r.prrelid::regclass::text',
          'FROM pg_publication_rel r WHERE r.prpubid = p.oid',
        ),
        schemas:
          version >= SINCE[15]
            ? listed(
                's.pnnspid::regnamespace::text',
                'FROM pg_publication_namespace s WHERE s.pnpubid = p.oid',
              )
            : 'NULL',
      },
      'FROM pg_publication p',
    ),
    // Contents of large objects are compared as a table. The definition tells that each is there, its owner, and who may use it.
    kindOf(
      'large objects',
      `'all'`,
      {
        number: 'count(*)',
        'owners and privileges': `sum(hashtextextended(ROW(l.oid, ${owner('l.lomowner')}, ${privileges('l.lomacl', 'L', 'l.lomowner')})::text COLLATE "C", 0))`,
      },
      'FROM pg_largeobject_metadata l',
    ),
  ];
}

function relationKind(condition: string): Kind {
  return kindOf(
    'relation',
    TABLE,
    {
      kind: 'c.relkind',
      persistence: 'c.relpersistence',
      owner: owner('c.relowner'),
      privileges: privileges('c.relacl', 'r', 'c.relowner'),
      options: 'c.reloptions',
      'options of out-of-line values': 'toast.reloptions',
      'access method': 'am.amname',
      tablespace: 'ts.spcname',
      'holds data': 'c.relispopulated',
      'row security': 'c.relrowsecurity',
      'forced row security': 'c.relforcerowsecurity',
      'replica identity': 'c.relreplident',
      'partition key': `CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END`,
      'partition bounds': 'pg_get_expr(c.relpartbound, c.oid)',
      parents: `(SELECT string_agg(i.inhparent::regclass::text || CASE WHEN i.inhdetachpending THEN ' (being detached)' ELSE '' END, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)`,
      'of type': 'nullif(c.reloftype, 0)::regtype',
      query: `CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END`,
      server: 'fs.srvname',
      'options at the server (hidden)': 'f.ftoptions',
      comment: `obj_description(c.oid, 'pg_class')`,
    },
    `FROM pg_class c ${OF_TABLE}
   LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
   LEFT JOIN pg_am am ON am.oid = c.relam
   LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
   LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
   LEFT JOIN pg_foreign_server fs ON fs.oid = f.ftserver
  WHERE ${condition} AND ${own('c.oid', 'n.nspname')}`,
  );
}
