import { inBatches, type Kind, kindOf, listed, own, owner, privileges, qualified } from './sql.ts';

/** `regproc` would give only the name, which several routines may share. */
const routine = (oid: string): string => `nullif(${oid}, 0)::regprocedure`;

/** Routines, and their ties to the language: operators, casts, methods of indexes. */
export function codeKinds(): Kind[] {
  return [
    inBatches(
      kindOf(
        'routine',
        `${qualified('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')'`,
        {
          kind: 'p.prokind',
          owner: owner('p.proowner'),
          privileges: privileges('p.proacl', 'f', 'p.proowner'),
          definition: `CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END`,
          aggregate: `CASE WHEN p.prokind = 'a' THEN (
          SELECT ROW(a.aggkind, a.aggnumdirectargs, ${routine('a.aggtransfn')}, ${routine('a.aggfinalfn')}, ${routine('a.aggcombinefn')}, ${routine('a.aggserialfn')}, ${routine('a.aggdeserialfn')},
                     ${routine('a.aggmtransfn')}, ${routine('a.aggminvtransfn')}, ${routine('a.aggmfinalfn')}, a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify, a.aggmfinalmodify,
                     nullif(a.aggsortop, 0)::regoperator, a.aggtranstype::regtype, a.aggtransspace, nullif(a.aggmtranstype, 0)::regtype, a.aggmtransspace, a.agginitval, a.aggminitval,
                     p.proparallel, p.proisstrict, pg_get_function_result(p.oid), pg_get_function_arguments(p.oid))::text
            FROM pg_aggregate a WHERE a.aggfnoid = p.oid) END`,
        },
        `FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${own('p.oid', 'n.nspname')}`,
      ),
      'p.oid',
    ),
    kindOf(
      'event trigger',
      'quote_ident(evtname)',
      {
        event: 'evtevent',
        function: routine('evtfoid'),
        enabled: 'evtenabled',
        tags: 'evttags',
        owner: owner('evtowner'),
      },
      'FROM pg_event_trigger',
    ),
    kindOf(
      'language',
      'quote_ident(l.lanname)',
      {
        owner: owner('l.lanowner'),
        trusted: 'l.lanpltrusted',
        handler: routine('l.lanplcallfoid'),
        inline: routine('l.laninline'),
        validator: routine('l.lanvalidator'),
        privileges: privileges('l.lanacl', 'l', 'l.lanowner'),
      },
      'FROM pg_language l',
    ),
    kindOf(
      'transform',
      `format('for %s language %I', t.trftype::regtype, l.lanname)`,
      { 'from SQL': routine('t.trffromsql'), 'to SQL': routine('t.trftosql') },
      'FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang',
    ),
    kindOf(
      'cast',
      `format('(%s AS %s)', c.castsource::regtype, c.casttarget::regtype)`,
      { function: routine('c.castfunc'), context: 'c.castcontext', method: 'c.castmethod' },
      `FROM pg_cast c WHERE ${own('c.oid')}`,
    ),
    kindOf(
      'operator',
      'o.oid::regoperator::text',
      {
        owner: owner('o.oprowner'),
        function: routine('o.oprcode'),
        result: 'o.oprresult::regtype',
        commutator: 'nullif(o.oprcom, 0)::regoperator',
        negator: 'nullif(o.oprnegate, 0)::regoperator',
        restrict: routine('o.oprrest'),
        join: routine('o.oprjoin'),
        merges: 'o.oprcanmerge',
        hashes: 'o.oprcanhash',
      },
      `FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE ${own('o.oid', 'n.nspname')}`,
    ),
    kindOf(
      'operator class',
      `${qualified('n.nspname', 'o.opcname')} || ' using ' || am.amname`,
      {
        owner: owner('o.opcowner'),
        family: `${qualified('fn.nspname', 'f.opfname')}`,
        type: 'o.opcintype::regtype',
        default: 'o.opcdefault',
        storage: 'nullif(o.opckeytype, 0)::regtype',
      },
      `FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod
       JOIN pg_opfamily f ON f.oid = o.opcfamily JOIN pg_namespace fn ON fn.oid = f.opfnamespace
      WHERE ${own('o.oid', 'n.nspname')}`,
    ),
    kindOf(
      'operator family',
      `${qualified('n.nspname', 'f.opfname')} || ' using ' || am.amname`,
      {
        owner: owner('f.opfowner'),
        operators: listed(
          `ROW(o.amopstrategy, o.amoppurpose, o.amopopr::regoperator, nullif(o.amopsortfamily, 0) IS NULL)::text`,
          `FROM pg_amop o WHERE o.amopfamily = f.oid AND ${own('o.oid')}`,
        ),
        functions: listed(
          `ROW(r.amprocnum, r.amproclefttype::regtype, r.amprocrighttype::regtype, r.amproc::regprocedure)::text`,
          `FROM pg_amproc r WHERE r.amprocfamily = f.oid AND ${own('r.oid')}`,
        ),
      },
      // A family that came with PostgreSQL may have been given more members.
      `FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
      WHERE ${own('f.oid', 'n.nspname')} OR EXISTS (SELECT FROM pg_amop o WHERE o.amopfamily = f.oid AND ${own('o.oid')})
         OR EXISTS (SELECT FROM pg_amproc r WHERE r.amprocfamily = f.oid AND ${own('r.oid')})`,
    ),
    kindOf(
      'access method',
      'quote_ident(am.amname)',
      { handler: routine('am.amhandler'), type: 'am.amtype' },
      `FROM pg_am am WHERE ${own('am.oid')}`,
    ),
    kindOf(
      'conversion',
      qualified('n.nspname', 'c.conname'),
      {
        owner: owner('c.conowner'),
        from: 'pg_encoding_to_char(c.conforencoding)',
        to: 'pg_encoding_to_char(c.contoencoding)',
        function: routine('c.conproc'),
        default: 'c.condefault',
      },
      `FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${own('c.oid', 'n.nspname')}`,
    ),
    kindOf(
      'text search configuration',
      qualified('n.nspname', 'c.cfgname'),
      {
        owner: owner('c.cfgowner'),
        parser: `(SELECT ${qualified('pn.nspname', 'p.prsname')} FROM pg_ts_parser p JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE p.oid = c.cfgparser)`,
        mappings: `(SELECT string_agg(ROW(m.maptokentype, m.mapseqno, m.mapdict::regdictionary)::text, ',' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)`,
      },
      `FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE ${own('c.oid', 'n.nspname')}`,
    ),
    kindOf(
      'text search dictionary',
      qualified('n.nspname', 'd.dictname'),
      {
        owner: owner('d.dictowner'),
        template: qualified('tn.nspname', 't.tmplname'),
        options: 'd.dictinitoption',
      },
      `FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
       JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
      WHERE ${own('d.oid', 'n.nspname')}`,
    ),
    kindOf(
      'text search template',
      qualified('n.nspname', 't.tmplname'),
      { init: routine('t.tmplinit'), lexize: routine('t.tmpllexize') },
      `FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE ${own('t.oid', 'n.nspname')}`,
    ),
    kindOf(
      'text search parser',
      qualified('n.nspname', 'p.prsname'),
      {
        start: routine('p.prsstart'),
        token: routine('p.prstoken'),
        end: routine('p.prsend'),
        headline: routine('p.prsheadline'),
        types: routine('p.prslextype'),
      },
      `FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE ${own('p.oid', 'n.nspname')}`,
    ),
  ];
}
