import { type CatalogKind, qualified, since } from './kinds.ts';

const NAME = qualified('s.name', 'o.name');

/**
 * Modules of one kind, by the type of their objects:
 * https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-objects-transact-sql
 */
const module = (kind: string, types: string): CatalogKind => ({
  kind,
  sql: (
    major,
  ) => `SELECT ${NAME} AS name, o.type_desc AS type, USER_NAME(o.principal_id) AS owner, m.definition AS definition,
       CASE WHEN m.object_id IS NOT NULL AND m.definition IS NULL THEN 1 ELSE 0 END AS [without text],
       m.uses_ansi_nulls AS [ansi nulls], m.uses_quoted_identifier AS [quoted identifier], m.is_schema_bound AS [schema bound],
       m.uses_database_collation AS [uses database collation], m.is_recompiled AS recompiled, m.null_on_null_input AS [null on null input],
       USER_NAME(NULLIF(m.execute_as_principal_id, -2)) AS [execute as], CASE WHEN m.execute_as_principal_id = -2 THEN 1 ELSE 0 END AS [execute as owner],
       m.uses_native_compilation AS [natively compiled], ${since(15, major, 'm.is_inlineable')} AS [can be inlined],
       QUOTENAME(l.name) AS assembly, a.assembly_class AS [class], a.assembly_method AS method, n.procedure_number AS [number], n.definition AS [numbered definition]
  FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
  LEFT JOIN sys.assembly_modules AS a ON a.object_id = o.object_id
  LEFT JOIN sys.assemblies AS l ON l.assembly_id = a.assembly_id
  LEFT JOIN sys.numbered_procedures AS n ON n.object_id = o.object_id
 WHERE o.type IN (${types}) AND o.parent_object_id = 0`,
});

export const CODE_KINDS: CatalogKind[] = [
  module('view', "'V'"),
  module('procedure', "'P', 'PC', 'X', 'RF'"),
  module('function', "'FN', 'IF', 'TF', 'FS', 'FT', 'AF'"),
  // CREATE DEFAULT and CREATE RULE of old databases.
  module('bound default', "'D'"),
  module('bound rule', "'R'"),
  {
    kind: 'parameter',
    // Parameters of other modules stand in their text.
    sql: () => `SELECT ${NAME} + N'.' + QUOTENAME(CONCAT(p.parameter_id, N' ', p.name)) AS name, y.name AS type, p.max_length AS length, p.precision AS [precision],
       p.scale AS scale, p.is_output AS output, p.has_default_value AS [has default], p.is_readonly AS [read only]
  FROM sys.parameters AS p JOIN sys.objects AS o ON o.object_id = p.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  JOIN sys.types AS y ON y.user_type_id = p.user_type_id
 WHERE o.type IN ('PC', 'FS', 'FT', 'AF')`,
  },
  {
    kind: 'trigger',
    sql: () => `SELECT ${NAME} + N'.' + QUOTENAME(t.name) AS name, t.type_desc AS type, t.is_disabled AS disabled, t.is_instead_of_trigger AS [instead of],
       t.is_not_for_replication AS [not for replication], e.type_desc AS event, e.is_first AS [first], e.is_last AS [last],
       m.definition AS definition, CASE WHEN m.object_id IS NOT NULL AND m.definition IS NULL THEN 1 ELSE 0 END AS [without text],
       m.uses_ansi_nulls AS [ansi nulls], m.uses_quoted_identifier AS [quoted identifier], USER_NAME(NULLIF(m.execute_as_principal_id, -2)) AS [execute as],
       m.uses_native_compilation AS [natively compiled], QUOTENAME(l.name) AS assembly, a.assembly_class AS [class], a.assembly_method AS method
  FROM sys.triggers AS t JOIN sys.objects AS o ON o.object_id = t.parent_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  LEFT JOIN sys.trigger_events AS e ON e.object_id = t.object_id
  LEFT JOIN sys.sql_modules AS m ON m.object_id = t.object_id
  LEFT JOIN sys.assembly_modules AS a ON a.object_id = t.object_id
  LEFT JOIN sys.assemblies AS l ON l.assembly_id = a.assembly_id
 WHERE t.parent_class = 1`,
  },
  {
    kind: 'trigger of the database',
    sql: () => `SELECT QUOTENAME(t.name) AS name, t.type_desc AS type, t.is_disabled AS disabled, e.type_desc AS event, e.event_group_type_desc AS [event group],
       e.is_first AS [first], e.is_last AS [last], m.definition AS definition,
       CASE WHEN m.object_id IS NOT NULL AND m.definition IS NULL THEN 1 ELSE 0 END AS [without text],
       m.uses_ansi_nulls AS [ansi nulls], m.uses_quoted_identifier AS [quoted identifier], USER_NAME(NULLIF(m.execute_as_principal_id, -2)) AS [execute as],
       QUOTENAME(l.name) AS assembly, a.assembly_class AS [class], a.assembly_method AS method
  FROM sys.triggers AS t
  LEFT JOIN sys.trigger_events AS e ON e.object_id = t.object_id
  LEFT JOIN sys.sql_modules AS m ON m.object_id = t.object_id
  LEFT JOIN sys.assembly_modules AS a ON a.object_id = t.object_id
  LEFT JOIN sys.assemblies AS l ON l.assembly_id = a.assembly_id
 WHERE t.parent_class = 0`,
  },
  {
    kind: 'synonym',
    sql: () => `SELECT ${NAME} AS name, USER_NAME(o.principal_id) AS owner, o.base_object_name AS [stands for]
  FROM sys.synonyms AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id`,
  },
  {
    kind: 'security policy',
    sql: () => `SELECT ${NAME} AS name, o.is_enabled AS enabled, o.is_schema_bound AS [schema bound], o.is_not_for_replication AS [not for replication],
       p.predicate_type_desc AS type, p.operation_desc AS operation, p.predicate_definition AS predicate,
       QUOTENAME(OBJECT_SCHEMA_NAME(p.target_object_id)) AS [schema of the table], QUOTENAME(OBJECT_NAME(p.target_object_id)) AS [table]
  FROM sys.security_policies AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  LEFT JOIN sys.security_predicates AS p ON p.object_id = o.object_id`,
  },
];
