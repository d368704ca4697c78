import { type CatalogKind, hashOf, qualified, since } from './kinds.ts';

const TABLE = qualified('s.name', 'o.name');

/** A constraint, index or column of a table: `[schema].[table].[name]`. */
const member = (name: string): string => `${TABLE} + N'.' + QUOTENAME(${name})`;

/** Tables and their like: views that may have indexes, table types. */
const SCHEMA = 'JOIN sys.schemas AS s ON s.schema_id = o.schema_id';

const typeName = (column: string): string =>
  `(SELECT QUOTENAME(SCHEMA_NAME(y.schema_id)) + N'.' + QUOTENAME(y.name) FROM sys.types AS y WHERE y.user_type_id = ${column})`;

/** Facts of a column, whatever the column belongs to. */
const columnFacts = (
  major: number,
): string => `ROW_NUMBER() OVER (PARTITION BY c.object_id ORDER BY c.column_id) AS position,
       ${typeName('c.user_type_id')} AS type, c.max_length AS length, c.precision AS [precision], c.scale AS scale,
       c.collation_name AS collation, c.is_nullable AS nullable, c.is_ansi_padded AS [ansi padded], c.is_rowguidcol AS [rowguidcol],
       c.is_sparse AS sparse, c.is_column_set AS [column set], c.is_filestream AS filestream, c.is_hidden AS hidden,
       c.generated_always_type AS [generated always], c.is_xml_document AS [xml document], c.is_replicated AS replicated,
       (SELECT QUOTENAME(SCHEMA_NAME(x.schema_id)) + N'.' + QUOTENAME(x.name) FROM sys.xml_schema_collections AS x
         WHERE x.xml_collection_id = c.xml_collection_id AND c.xml_collection_id <> 0) AS [xml schema collection],
       CONVERT(varchar(40), CAST(n.seed_value AS decimal(38, 0))) AS [identity seed],
       CONVERT(varchar(40), CAST(n.increment_value AS decimal(38, 0))) AS [identity increment], n.is_not_for_replication AS [identity not for replication],
       f.definition AS computed, f.is_persisted AS persisted, m.masking_function AS mask,
       c.encryption_type_desc AS encryption, c.encryption_algorithm_name AS [encryption algorithm],
       (SELECT k.name FROM sys.column_encryption_keys AS k WHERE k.column_encryption_key_id = c.column_encryption_key_id) AS [encryption key],
       (SELECT QUOTENAME(SCHEMA_NAME(b.schema_id)) + N'.' + QUOTENAME(b.name) FROM sys.objects AS b
         WHERE b.object_id = c.default_object_id AND b.parent_object_id = 0) AS [bound default],
       (SELECT QUOTENAME(SCHEMA_NAME(b.schema_id)) + N'.' + QUOTENAME(b.name) FROM sys.objects AS b WHERE b.object_id = c.rule_object_id) AS [bound rule],
       ${since(14, major, 'c.graph_type')} AS [graph type]`;

const COLUMN_JOINS = `LEFT JOIN sys.identity_columns AS n ON n.object_id = c.object_id AND n.column_id = c.column_id
  LEFT JOIN sys.computed_columns AS f ON f.object_id = c.object_id AND f.column_id = c.column_id
  LEFT JOIN sys.masked_columns AS m ON m.object_id = c.object_id AND m.column_id = c.column_id AND m.is_masked = 1`;

export const TABLE_KINDS: CatalogKind[] = [
  {
    kind: 'table',
    sql: (
      major,
    ) => `SELECT ${TABLE} AS name, USER_NAME(o.principal_id) AS owner, o.lock_escalation AS [lock escalation], o.is_replicated AS replicated,
       o.is_merge_published AS [merge published], o.is_tracked_by_cdc AS [change data capture], o.uses_ansi_nulls AS [ansi nulls],
       o.text_in_row_limit AS [text in row], o.large_value_types_out_of_row AS [large values out of row], o.is_filetable AS [file table],
       o.is_memory_optimized AS [memory-optimised], o.durability_desc AS durability, o.is_external AS [external], o.temporal_type_desc AS temporal,
       QUOTENAME(OBJECT_SCHEMA_NAME(o.history_table_id)) AS [schema of the history], QUOTENAME(OBJECT_NAME(o.history_table_id)) AS history,
       ${since(14, major, 'o.history_retention_period')} AS [history retention], ${since(14, major, 'o.history_retention_period_unit')} AS [unit of history retention],
       ${since(14, major, 'o.is_node')} AS node, ${since(14, major, 'o.is_edge')} AS edge, ${since(16, major, 'o.ledger_type_desc')} AS ledger,
       CASE WHEN t.object_id IS NULL THEN 0 ELSE 1 END AS [change tracking], t.is_track_columns_updated_on AS [change tracking of columns]
  FROM sys.tables AS o ${SCHEMA} LEFT JOIN sys.change_tracking_tables AS t ON t.object_id = o.object_id`,
  },
  {
    kind: 'column',
    sql: (major) => `SELECT ${member('c.name')} AS name, ${columnFacts(major)}
  FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id ${SCHEMA} ${COLUMN_JOINS}
 WHERE o.type IN ('U', 'V')`,
  },
  {
    kind: 'table type',
    sql: (
      major,
    ) => `SELECT ${qualified('s.name', 'y.name')} AS name, USER_NAME(y.principal_id) AS owner, y.is_memory_optimized AS [memory-optimised],
       QUOTENAME(c.name) AS [column], d.definition AS [default], ${columnFacts(major)}
  FROM sys.table_types AS y JOIN sys.schemas AS s ON s.schema_id = y.schema_id
  LEFT JOIN sys.columns AS c ON c.object_id = y.type_table_object_id ${COLUMN_JOINS}
  LEFT JOIN sys.default_constraints AS d ON d.parent_object_id = c.object_id AND d.parent_column_id = c.column_id`,
  },
  {
    kind: 'default constraint',
    sql: () => `SELECT ${member('d.name')} AS name, QUOTENAME(COL_NAME(d.parent_object_id, d.parent_column_id)) AS [column], d.definition AS definition,
       d.is_system_named AS [system named]
  FROM sys.default_constraints AS d JOIN sys.tables AS o ON o.object_id = d.parent_object_id ${SCHEMA}`,
  },
  {
    kind: 'check constraint',
    sql: () => `SELECT ${member('k.name')} AS name, QUOTENAME(COL_NAME(k.parent_object_id, NULLIF(k.parent_column_id, 0))) AS [column], k.definition AS definition,
       k.is_disabled AS disabled, k.is_not_trusted AS [not trusted], k.is_not_for_replication AS [not for replication],
       k.uses_database_collation AS [uses database collation], k.is_system_named AS [system named]
  FROM sys.check_constraints AS k JOIN sys.tables AS o ON o.object_id = k.parent_object_id ${SCHEMA}`,
  },
  {
    kind: 'key',
    sql: () => `SELECT ${member('k.name')} AS name, k.type_desc AS type, k.is_system_named AS [system named], QUOTENAME(i.name) AS [index]
  FROM sys.key_constraints AS k JOIN sys.tables AS o ON o.object_id = k.parent_object_id ${SCHEMA}
  LEFT JOIN sys.indexes AS i ON i.object_id = k.parent_object_id AND i.index_id = k.unique_index_id`,
  },
  {
    kind: 'foreign key',
    sql: () => `SELECT ${member('k.name')} AS name, QUOTENAME(OBJECT_SCHEMA_NAME(k.referenced_object_id)) AS [referenced schema],
       QUOTENAME(OBJECT_NAME(k.referenced_object_id)) AS [referenced table], k.delete_referential_action_desc AS [on delete],
       k.update_referential_action_desc AS [on update], k.is_disabled AS disabled, k.is_not_trusted AS [not trusted],
       k.is_not_for_replication AS [not for replication], k.is_system_named AS [system named], c.constraint_column_id AS position,
       QUOTENAME(COL_NAME(c.parent_object_id, c.parent_column_id)) AS [column],
       QUOTENAME(COL_NAME(c.referenced_object_id, c.referenced_column_id)) AS [referenced column]
  FROM sys.foreign_keys AS k JOIN sys.tables AS o ON o.object_id = k.parent_object_id ${SCHEMA}
  JOIN sys.foreign_key_columns AS c ON c.constraint_object_id = k.object_id`,
  },
  {
    kind: 'edge constraint',
    since: 15,
    sql: () => `SELECT ${member('k.name')} AS name, k.is_disabled AS disabled, k.is_not_trusted AS [not trusted], k.delete_referential_action_desc AS [on delete],
       QUOTENAME(OBJECT_SCHEMA_NAME(c.from_object_id)) AS [schema from], QUOTENAME(OBJECT_NAME(c.from_object_id)) AS [from],
       QUOTENAME(OBJECT_SCHEMA_NAME(c.to_object_id)) AS [schema to], QUOTENAME(OBJECT_NAME(c.to_object_id)) AS [to]
  FROM sys.edge_constraints AS k JOIN sys.tables AS o ON o.object_id = k.parent_object_id ${SCHEMA}
  JOIN sys.edge_constraint_clauses AS c ON c.object_id = k.object_id`,
  },
  {
    kind: 'statistics',
    // The contents of statistics are an estimate of the data, which each side makes for itself.
    sql: () => `SELECT ${member('a.name')} AS name, a.has_filter AS filtered, a.filter_definition AS filter, a.no_recompute AS [no recompute],
       a.is_incremental AS incremental, c.stats_column_id AS position, QUOTENAME(COL_NAME(c.object_id, c.column_id)) AS [column]
  FROM sys.stats AS a JOIN sys.objects AS o ON o.object_id = a.object_id AND o.type IN ('U', 'V') ${SCHEMA}
  JOIN sys.stats_columns AS c ON c.object_id = a.object_id AND c.stats_id = a.stats_id
 WHERE a.user_created = 1 AND a.is_temporary = 0`,
  },
  {
    kind: 'external table',
    sql: () => `SELECT ${TABLE} AS name, QUOTENAME(d.name) AS [data source], QUOTENAME(f.name) AS [file format], e.location AS location,
       e.reject_type AS [reject type], CONVERT(varchar(40), CAST(e.reject_value AS decimal(28, 6))) AS [reject value]
  FROM sys.external_tables AS e JOIN sys.tables AS o ON o.object_id = e.object_id ${SCHEMA}
  LEFT JOIN sys.external_data_sources AS d ON d.data_source_id = e.data_source_id
  LEFT JOIN sys.external_file_formats AS f ON f.file_format_id = e.file_format_id`,
  },
  {
    kind: 'sequence',
    sql: () => `SELECT ${TABLE} AS name, USER_NAME(o.principal_id) AS owner, ${typeName('o.user_type_id')} AS type, o.precision AS [precision],
       CONVERT(varchar(40), CAST(o.start_value AS decimal(38, 0))) AS start, CONVERT(varchar(40), CAST(o.increment AS decimal(38, 0))) AS increment,
       CONVERT(varchar(40), CAST(o.minimum_value AS decimal(38, 0))) AS minimum, CONVERT(varchar(40), CAST(o.maximum_value AS decimal(38, 0))) AS maximum,
       o.is_cycling AS cycle, o.is_cached AS cached, o.cache_size AS [cache size]
  FROM sys.sequences AS o ${SCHEMA}`,
  },
  {
    kind: 'type',
    sql: () => `SELECT ${qualified('s.name', 'y.name')} AS name, USER_NAME(y.principal_id) AS owner, b.name AS [base type], y.max_length AS length,
       y.precision AS [precision], y.scale AS scale, y.collation_name AS collation, y.is_nullable AS nullable, y.is_assembly_type AS [assembly type],
       QUOTENAME(OBJECT_SCHEMA_NAME(y.default_object_id)) AS [schema of default], QUOTENAME(OBJECT_NAME(y.default_object_id)) AS [default],
       QUOTENAME(OBJECT_SCHEMA_NAME(y.rule_object_id)) AS [schema of rule], QUOTENAME(OBJECT_NAME(y.rule_object_id)) AS [rule],
       QUOTENAME(l.name) AS assembly, a.assembly_class AS [class], a.is_binary_ordered AS [binary ordered], a.is_fixed_length AS [fixed length]
  FROM sys.types AS y JOIN sys.schemas AS s ON s.schema_id = y.schema_id
  LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
  LEFT JOIN sys.assembly_types AS a ON a.user_type_id = y.user_type_id
  LEFT JOIN sys.assemblies AS l ON l.assembly_id = a.assembly_id
 WHERE y.is_user_defined = 1 AND y.is_table_type = 0`,
  },
  {
    kind: 'xml schema collection',
    // The components as the server keeps them. Facets (lengths, patterns, enumerations) are rows of their own.
    sql: () => `SELECT ${qualified('s.name', 'x.name')} AS name, USER_NAME(x.principal_id) AS owner, n.name AS namespace, p.name AS component, p.kind AS kind,
       p.derivation AS derivation, p.is_qualified AS qualified, b.name AS [base component], a.kind AS facet, a.is_fixed AS [facet fixed],
       ${hashOf('CAST(a.value AS varbinary(8000))')} AS [hash of the facet]
  FROM sys.xml_schema_collections AS x JOIN sys.schemas AS s ON s.schema_id = x.schema_id
  LEFT JOIN sys.xml_schema_components AS p ON p.xml_collection_id = x.xml_collection_id
  LEFT JOIN sys.xml_schema_namespaces AS n ON n.xml_collection_id = p.xml_collection_id AND n.xml_namespace_id = p.xml_namespace_id
  LEFT JOIN sys.xml_schema_components AS b ON b.xml_component_id = p.base_xml_component_id
  LEFT JOIN sys.xml_schema_facets AS a ON a.xml_component_id = p.xml_component_id
 WHERE s.name <> N'sys'`,
  },
];
