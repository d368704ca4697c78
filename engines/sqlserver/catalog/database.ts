import { type CatalogKind, hashOf, since, variantBytes } from './kinds.ts';

/**
 * Settings of the database as a whole. The recovery model is left out, since RDS sets it by the backup retention: to FULL on the
 * source, and to SIMPLE on a test instance, which has none
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.SQLServer.CommonDBATasks.DatabaseRecovery.html). The database's
 * state is left out too.
 */
export const DATABASE_KINDS: CatalogKind[] = [
  {
    kind: 'database',
    sql: (
      major,
    ) => `SELECT N'settings' AS name, d.collation_name AS collation, d.compatibility_level AS [compatibility level],
       SUSER_SNAME(d.owner_sid) AS owner, d.containment AS containment, d.is_read_only AS [read only], d.user_access AS [user access],
       d.snapshot_isolation_state AS [snapshot isolation], d.is_read_committed_snapshot_on AS [read committed snapshot],
       d.page_verify_option AS [page verify], d.is_auto_close_on AS [auto close], d.is_auto_shrink_on AS [auto shrink],
       d.is_auto_create_stats_on AS [auto create statistics], d.is_auto_create_stats_incremental_on AS [auto create statistics incremental],
       d.is_auto_update_stats_on AS [auto update statistics], d.is_auto_update_stats_async_on AS [auto update statistics async],
       d.is_ansi_null_default_on AS [ansi null default], d.is_ansi_nulls_on AS [ansi nulls], d.is_ansi_padding_on AS [ansi padding],
       d.is_ansi_warnings_on AS [ansi warnings], d.is_arithabort_on AS arithabort, d.is_concat_null_yields_null_on AS [concat null yields null],
       d.is_numeric_roundabort_on AS [numeric roundabort], d.is_quoted_identifier_on AS [quoted identifier],
       d.is_recursive_triggers_on AS [recursive triggers], d.is_nested_triggers_on AS [nested triggers],
       d.is_cursor_close_on_commit_on AS [cursor close on commit], d.is_local_cursor_default AS [local cursor default],
       d.is_fulltext_enabled AS [full-text enabled], d.is_trustworthy_on AS trustworthy, d.is_db_chaining_on AS [db chaining],
       d.is_parameterization_forced AS [parameterization forced], d.is_date_correlation_on AS [date correlation],
       d.is_broker_enabled AS [broker enabled], d.is_honor_broker_priority_on AS [honor broker priority], d.is_cdc_enabled AS [change data capture],
       d.is_published AS published, d.is_subscribed AS subscribed, d.is_merge_published AS [merge published], d.is_distributor AS distributor,
       d.is_encrypted AS encrypted, d.default_language_name AS [default language], d.default_fulltext_language_name AS [default full-text language],
       d.is_transform_noise_words_on AS [transform noise words], d.two_digit_year_cutoff AS [two-digit year cutoff],
       d.target_recovery_time_in_seconds AS [target recovery time], d.delayed_durability AS [delayed durability],
       d.is_query_store_on AS [query store], d.is_memory_optimized_elevate_to_snapshot_on AS [memory-optimised elevate to snapshot],
       d.is_mixed_page_allocation_on AS [mixed page allocation],
       ${since(14, major, 'd.is_temporal_history_retention_enabled')} AS [temporal history retention],
       ${since(15, major, 'd.is_accelerated_database_recovery_on')} AS [accelerated database recovery],
       ${since(15, major, 'd.catalog_collation_type')} AS [catalog collation], ${since(16, major, 'd.is_ledger_on')} AS ledger
  FROM sys.databases AS d WHERE d.database_id = DB_ID()`,
  },
  {
    kind: 'scoped configuration',
    sql: () => `SELECT c.name AS name, CONVERT(nvarchar(400), c.value) AS value, CONVERT(nvarchar(400), c.value_for_secondary) AS [value for secondary]
  FROM sys.database_scoped_configurations AS c`,
  },
  {
    kind: 'change tracking',
    sql: () => `SELECT N'settings' AS name, c.is_auto_cleanup_on AS [auto cleanup], c.retention_period AS retention, c.retention_period_units AS [retention unit]
  FROM sys.change_tracking_databases AS c WHERE c.database_id = DB_ID()`,
  },
  {
    kind: 'filegroup',
    sql: () => `SELECT QUOTENAME(g.name) AS name, g.type_desc AS type, g.is_default AS [default], g.is_read_only AS [read only],
       (SELECT COUNT(*) FROM sys.database_files AS f WHERE f.data_space_id = g.data_space_id) AS files
  FROM sys.filegroups AS g`,
  },
  {
    kind: 'schema',
    sql: () => 'SELECT QUOTENAME(s.name) AS name, USER_NAME(s.principal_id) AS owner FROM sys.schemas AS s',
  },
  {
    kind: 'partition function',
    sql: () => `SELECT QUOTENAME(f.name) AS name, f.type_desc AS type, f.boundary_value_on_right AS [boundary on right], f.fanout AS partitions,
       y.name AS [of type], p.max_length AS length, p.precision AS [precision], p.scale AS scale, p.collation_name AS collation,
       v.boundary_id AS boundary, CAST(SQL_VARIANT_PROPERTY(v.value, 'BaseType') AS nvarchar(128)) AS [boundary type],
       ${variantBytes('v.value')} AS [boundary value]
  FROM sys.partition_functions AS f
  JOIN sys.partition_parameters AS p ON p.function_id = f.function_id
  JOIN sys.types AS y ON y.user_type_id = p.system_type_id
  LEFT JOIN sys.partition_range_values AS v ON v.function_id = f.function_id AND v.parameter_id = p.parameter_id`,
  },
  {
    kind: 'partition scheme',
    sql: () => `SELECT QUOTENAME(c.name) AS name, QUOTENAME(f.name) AS [partition function], c.is_default AS [default],
       d.destination_id AS partition, QUOTENAME(g.name) AS filegroup
  FROM sys.partition_schemes AS c
  JOIN sys.partition_functions AS f ON f.function_id = c.function_id
  JOIN sys.destination_data_spaces AS d ON d.partition_scheme_id = c.data_space_id
  JOIN sys.data_spaces AS g ON g.data_space_id = d.data_space_id`,
  },
  {
    kind: 'assembly',
    sql: () => `SELECT QUOTENAME(a.name) AS name, USER_NAME(a.principal_id) AS owner, a.clr_name AS [clr name], a.permission_set_desc AS [permission set],
       a.is_visible AS visible, f.name AS [file], ${hashOf('f.content')} AS [hash of the file]
  FROM sys.assemblies AS a LEFT JOIN sys.assembly_files AS f ON f.assembly_id = a.assembly_id
 WHERE a.is_user_defined = 1`,
  },
  {
    kind: 'full-text catalog',
    sql: () => `SELECT QUOTENAME(c.name) AS name, USER_NAME(c.principal_id) AS owner, c.is_default AS [default], c.is_accent_sensitivity_on AS [accent sensitivity]
  FROM sys.fulltext_catalogs AS c`,
  },
  {
    kind: 'full-text stoplist',
    sql: () => `SELECT QUOTENAME(l.name) AS name, USER_NAME(l.principal_id) AS owner, w.language_id AS [language], w.stopword AS [stop word]
  FROM sys.fulltext_stoplists AS l LEFT JOIN sys.fulltext_stopwords AS w ON w.stoplist_id = l.stoplist_id`,
  },
  {
    kind: 'plan guide',
    sql: () => `SELECT QUOTENAME(g.name) AS name, g.scope_type_desc AS scope, OBJECT_SCHEMA_NAME(g.scope_object_id) AS [schema of the scope],
       OBJECT_NAME(g.scope_object_id) AS [object of the scope], g.is_disabled AS disabled, g.query_text AS query, g.scope_batch AS batch,
       g.parameters AS parameters, g.hints AS hints
  FROM sys.plan_guides AS g`,
  },
  {
    kind: 'sensitivity classification',
    since: 15,
    sql: () => `SELECT QUOTENAME(OBJECT_SCHEMA_NAME(c.major_id)) + N'.' + QUOTENAME(OBJECT_NAME(c.major_id)) + N'.' + QUOTENAME(COL_NAME(c.major_id, c.minor_id)) AS name,
       CONVERT(nvarchar(400), c.label) AS label, CONVERT(nvarchar(400), c.information_type) AS [information type], c.rank_desc AS [rank]
  FROM sys.sensitivity_classifications AS c`,
  },
];
