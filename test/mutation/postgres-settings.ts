/** Settings of a server that change how values look, or how they are read; none of them changes what is there. */
const SETTINGS: string[] = [
  "timezone = 'Asia/Shanghai'",
  "timezone = 'America/St_Johns'",
  "datestyle = 'German, DMY'",
  "datestyle = 'SQL, MDY'",
  "intervalstyle = 'sql_standard'",
  "intervalstyle = 'iso_8601'",
  'extra_float_digits = -5',
  "bytea_output = 'escape'",
  `search_path = '"销售 部", public'`,
  "search_path = ''",
  'quote_all_identifiers = on',
  "xmlbinary = 'hex'",
  "xmloption = 'document'",
  'array_nulls = off',
  'transform_null_equals = on',
  'standard_conforming_strings = off',
  "backslash_quote = 'on'",
  "client_encoding = 'LATIN1'",
  "lc_messages = 'C'",
  "lc_monetary = 'POSIX'",
  'default_transaction_isolation = serializable',
  'default_transaction_deferrable = on',
  'synchronize_seqscans = on',
  'enable_seqscan = off',
  'enable_tidscan = off',
  'enable_hashagg = off',
  'max_parallel_workers_per_gather = 0',
  'parallel_setup_cost = 0',
  'min_parallel_table_scan_size = 0',
  'parallel_leader_participation = off',
  "work_mem = '64kB'",
  "max_stack_depth = '100kB'",
  "default_toast_compression = 'pglz'",
  'jit_above_cost = 0',
  "client_min_messages = 'error'",
  "log_statement = 'all'",
  'row_security = off',
  "statement_timeout = '5min'",
];

/** By the major version that knows them first. */
const SETTINGS_SINCE: readonly (readonly [since: number, setting: string])[] = [
  [16, 'debug_parallel_query = on'],
  [17, "transaction_timeout = '5min'"],
  [18, 'file_copy_method = copy'],
];

export function settingsFor(version: number): string[] {
  return [...SETTINGS, ...SETTINGS_SINCE.filter(([since]) => version >= since).map(([, setting]) => setting)];
}

/** Statements that leave every row and definition as it is, but move them about. */
export const DISTURBANCES: string[] = [
  '',
  'VACUUM FULL',
  'CLUSTER public.many USING many_pkey; ALTER TABLE public.many SET WITHOUT CLUSTER',
  'UPDATE public.many SET filling = filling WHERE id % 3 = 0',
  'UPDATE public.every_type SET id = id; REINDEX TABLE public.every_type',
  'CREATE TEMP TABLE kept AS SELECT * FROM public.no_key ORDER BY random(); TRUNCATE public.no_key; INSERT INTO public.no_key SELECT * FROM kept',
  'ANALYZE',
  'CREATE TABLE public.gone (a int); DROP TABLE public.gone; CREATE TYPE public.gone AS ENUM (); DROP TYPE public.gone',
  'ALTER TABLE public.no_key ADD gone int; ALTER TABLE public.no_key DROP gone',
  // An array that once held a NULL keeps room for it.
  "UPDATE public.every_type SET list[1] = NULL WHERE list = '{2,1}'; UPDATE public.every_type SET list[1] = 2 WHERE list = ARRAY[NULL, 1]",
  // The default privileges are spelled out from now on, and are what they were.
  'GRANT SELECT ON public.no_key TO pg_monitor; REVOKE SELECT ON public.no_key FROM pg_monitor; GRANT USAGE ON TYPE public.mood TO pg_monitor; REVOKE USAGE ON TYPE public.mood FROM pg_monitor',
  // The same values, stored out of line, without compression, and by another one.
  'ALTER TABLE public.every_type ALTER long SET STORAGE EXTERNAL; UPDATE public.every_type SET long = long || NULL WHERE false; UPDATE public.every_type SET long = long || repeat(substr(long, 1, 0), 2); ALTER TABLE public.every_type ALTER long SET STORAGE EXTENDED',
  "DROP INDEX public.detail_note; CREATE INDEX detail_note ON public.detail (note) WHERE amount > 2; COMMENT ON COLUMN public.detail.note IS NULL; COMMENT ON COLUMN public.detail.note IS 'a note'",
];
