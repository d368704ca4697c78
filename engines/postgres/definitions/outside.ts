import { type Catalog, type Kind, kindOf, owner, privileges } from './sql.ts';

/** Objects that lead to other servers. Their options and connection strings may hold passwords. */
export function outsideKinds({ seesConnections, seesMappings }: Catalog): Kind[] {
  return [
    kindOf(
      'foreign data wrapper',
      'quote_ident(w.fdwname)',
      {
        owner: owner('w.fdwowner'),
        handler: 'nullif(w.fdwhandler, 0)::regprocedure',
        validator: 'nullif(w.fdwvalidator, 0)::regprocedure',
        privileges: privileges('w.fdwacl', 'F', 'w.fdwowner'),
        'options (hidden)': 'w.fdwoptions',
      },
      'FROM pg_foreign_data_wrapper w',
    ),
    kindOf(
      'foreign server',
      'quote_ident(s.srvname)',
      {
        wrapper: 'w.fdwname',
        type: 's.srvtype',
        version: 's.srvversion',
        owner: owner('s.srvowner'),
        privileges: privileges('s.srvacl', 'S', 's.srvowner'),
        'options (hidden)': 's.srvoptions',
      },
      'FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw',
    ),
    kindOf(
      'user mapping',
      `concat(coalesce(nullif(m.umuser, 0)::regrole::text, 'public'), ' at ', quote_ident(s.srvname))`,
      { 'options (hidden)': seesMappings ? 'm.umoptions' : 'NULL' },
      `FROM ${seesMappings ? 'pg_user_mapping' : 'pg_user_mappings'} m JOIN pg_foreign_server s ON s.oid = m.${seesMappings ? 'umserver' : 'srvid'}`,
    ),
    kindOf(
      'subscription',
      'quote_ident(s.subname)',
      {
        owner: owner('s.subowner'),
        enabled: 's.subenabled',
        publications: 's.subpublications',
        slot: 's.subslotname',
        'synchronous commit': 's.subsynccommit',
        binary: 's.subbinary',
        'connection (hidden)': seesConnections ? 's.subconninfo' : 'NULL',
      },
      'FROM pg_subscription s WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
    ),
  ];
}
