import { type CatalogKind, hashOf, qualified } from './kinds.ts';

/**
 * The object of a permission or an extended property. It has names where its class has some, else its class and numbers, which a
 * snapshot keeps.
 */
const TARGET = (x: string): string => `${x}.class_desc AS [class],
       CASE WHEN ${x}.class IN (1, 2, 7) THEN QUOTENAME(OBJECT_SCHEMA_NAME(${x}.major_id)) END AS [schema],
       CASE WHEN ${x}.class IN (1, 2, 7) THEN QUOTENAME(OBJECT_NAME(${x}.major_id)) END AS [object],
       CASE WHEN ${x}.class = 1 AND ${x}.minor_id > 0 THEN QUOTENAME(COL_NAME(${x}.major_id, ${x}.minor_id)) END AS [column],
       CASE WHEN ${x}.class = 3 THEN QUOTENAME(SCHEMA_NAME(${x}.major_id)) END AS [of schema],
       CASE WHEN ${x}.class = 4 THEN QUOTENAME(USER_NAME(${x}.major_id)) END AS principal,
       CASE WHEN ${x}.class = 6 THEN QUOTENAME(TYPE_NAME(${x}.major_id)) END AS type,
       CASE WHEN ${x}.class NOT IN (0, 1, 3, 4, 6) THEN ${x}.major_id END AS [number],
       CASE WHEN ${x}.class IN (2, 7, 8) THEN ${x}.minor_id END AS [second number]`;

export const SECURITY_KINDS: CatalogKind[] = [
  {
    kind: 'principal',
    sql: () => `SELECT QUOTENAME(p.name) AS name, p.type_desc AS type, p.default_schema_name AS [default schema], p.default_language_name AS [default language],
       p.authentication_type_desc AS authentication, USER_NAME(p.owning_principal_id) AS owner, p.allow_encrypted_value_modifications AS [may modify encrypted values],
       CONVERT(varchar(172), p.sid, 2) AS sid
  FROM sys.database_principals AS p WHERE p.is_fixed_role = 0`,
  },
  {
    kind: 'members of role',
    sql: () => `SELECT QUOTENAME(r.name) AS name, QUOTENAME(m.name) AS member
  FROM sys.database_role_members AS x JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
  JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id`,
  },
  {
    kind: 'permissions of',
    // Permissions on the server's own objects come with the version.
    sql: () => `SELECT QUOTENAME(g.name) AS name, p.state_desc AS state, p.permission_name AS permission, USER_NAME(p.grantor_principal_id) AS grantor, ${TARGET('p')}
  FROM sys.database_permissions AS p JOIN sys.database_principals AS g ON g.principal_id = p.grantee_principal_id
 WHERE p.major_id >= 0`,
  },
  {
    kind: 'extended property',
    sql: () => `SELECT QUOTENAME(e.name) AS name, ${TARGET('e')}, CAST(SQL_VARIANT_PROPERTY(e.value, 'BaseType') AS nvarchar(128)) AS [base type],
       ${hashOf('CAST(e.value AS varbinary(8000))')} AS [hash of the value]
  FROM sys.extended_properties AS e`,
  },
  {
    kind: 'symmetric key',
    sql: () => `SELECT QUOTENAME(k.name) AS name, USER_NAME(k.principal_id) AS owner, k.algorithm_desc AS algorithm, k.key_length AS length,
       CONVERT(varchar(36), k.key_guid) AS guid
  FROM sys.symmetric_keys AS k`,
  },
  {
    kind: 'asymmetric key',
    sql: () => `SELECT QUOTENAME(k.name) AS name, USER_NAME(k.principal_id) AS owner, k.algorithm_desc AS algorithm, k.pvt_key_encryption_type_desc AS [private key],
       CONVERT(varchar(172), k.thumbprint, 2) AS thumbprint
  FROM sys.asymmetric_keys AS k`,
  },
  {
    kind: 'certificate',
    sql: () => `SELECT QUOTENAME(c.name) AS name, USER_NAME(c.principal_id) AS owner, c.pvt_key_encryption_type_desc AS [private key],
       c.is_active_for_begin_dialog AS [active for dialogs], CONVERT(varchar(172), c.thumbprint, 2) AS thumbprint
  FROM sys.certificates AS c`,
  },
  {
    kind: 'scoped credential',
    sql: () =>
      'SELECT QUOTENAME(c.name) AS name, c.credential_identity AS [identity] FROM sys.database_scoped_credentials AS c',
  },
  {
    kind: 'column master key',
    sql: () =>
      'SELECT QUOTENAME(k.name) AS name, k.key_store_provider_name AS provider, k.key_path AS path FROM sys.column_master_keys AS k',
  },
  {
    kind: 'column encryption key',
    sql: () => `SELECT QUOTENAME(k.name) AS name, QUOTENAME(m.name) AS [master key], v.encryption_algorithm_name AS algorithm,
       ${hashOf('v.encrypted_value')} AS [hash of the encrypted value]
  FROM sys.column_encryption_keys AS k
  JOIN sys.column_encryption_key_values AS v ON v.column_encryption_key_id = k.column_encryption_key_id
  LEFT JOIN sys.column_master_keys AS m ON m.column_master_key_id = v.column_master_key_id`,
  },
  {
    kind: 'audit specification',
    sql: () => `SELECT QUOTENAME(a.name) AS name, CONVERT(varchar(36), a.audit_guid) AS audit, a.is_state_enabled AS enabled, d.audit_action_name AS action,
       d.class_desc AS [class], QUOTENAME(OBJECT_SCHEMA_NAME(NULLIF(d.major_id, 0))) AS [schema], QUOTENAME(OBJECT_NAME(NULLIF(d.major_id, 0))) AS [object],
       USER_NAME(d.audited_principal_id) AS principal, d.audited_result AS result
  FROM sys.database_audit_specifications AS a
  LEFT JOIN sys.database_audit_specification_details AS d ON d.database_specification_id = a.database_specification_id`,
  },
  {
    kind: 'external data source',
    sql: () => `SELECT QUOTENAME(d.name) AS name, d.type_desc AS type, d.location AS location, d.resource_manager_location AS [resource manager],
       d.database_name AS [database], d.shard_map_name AS [shard map]
  FROM sys.external_data_sources AS d`,
  },
  {
    kind: 'external file format',
    sql: () => `SELECT QUOTENAME(f.name) AS name, f.format_type AS format, f.field_terminator AS [field terminator], f.string_delimiter AS [string delimiter],
       f.date_format AS [date format], f.use_type_default AS [type default], f.serde_method AS serde, f.row_terminator AS [row terminator],
       f.encoding AS encoding, f.data_compression AS compression
  FROM sys.external_file_formats AS f`,
  },
];

const QUEUE = qualified('s.name', 'o.name');

/** Service Broker. Its messages lie in queues, which are not compared. */
export const BROKER_KINDS: CatalogKind[] = [
  {
    kind: 'queue',
    sql: () => `SELECT ${QUEUE} AS name, o.is_receive_enabled AS receive, o.is_enqueue_enabled AS enqueue, o.is_retention_enabled AS retention,
       o.is_activation_enabled AS activation, o.activation_procedure AS [activation procedure], o.max_readers AS [most readers],
       o.is_poison_message_handling_enabled AS [poison message handling], USER_NAME(NULLIF(o.execute_as_principal_id, -2)) AS [execute as]
  FROM sys.service_queues AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.is_ms_shipped = 0`,
  },
  {
    kind: 'service',
    sql: () => `SELECT QUOTENAME(v.name) AS name, USER_NAME(v.principal_id) AS owner, QUOTENAME(OBJECT_SCHEMA_NAME(v.service_queue_id)) AS [schema of the queue],
       QUOTENAME(OBJECT_NAME(v.service_queue_id)) AS queue, c.name AS contract
  FROM sys.services AS v LEFT JOIN sys.service_contract_usages AS u ON u.service_id = v.service_id
  LEFT JOIN sys.service_contracts AS c ON c.service_contract_id = u.service_contract_id
 WHERE v.service_id > 65535`,
  },
  {
    kind: 'contract',
    sql: () => `SELECT QUOTENAME(c.name) AS name, USER_NAME(c.principal_id) AS owner, m.name AS [message type], u.is_sent_by_initiator AS [by initiator],
       u.is_sent_by_target AS [by target]
  FROM sys.service_contracts AS c LEFT JOIN sys.service_contract_message_usages AS u ON u.service_contract_id = c.service_contract_id
  LEFT JOIN sys.service_message_types AS m ON m.message_type_id = u.message_type_id
 WHERE c.service_contract_id > 65535`,
  },
  {
    kind: 'message type',
    sql: () => `SELECT QUOTENAME(m.name) AS name, USER_NAME(m.principal_id) AS owner, m.validation_desc AS validation, x.name AS [xml schema collection]
  FROM sys.service_message_types AS m LEFT JOIN sys.xml_schema_collections AS x ON x.xml_collection_id = m.xml_collection_id
 WHERE m.message_type_id > 65535`,
  },
  {
    kind: 'route',
    sql: () => `SELECT QUOTENAME(r.name) AS name, USER_NAME(r.principal_id) AS owner, r.remote_service_name AS service, r.broker_instance AS broker,
       r.address AS address, r.mirror_address AS [mirror address]
  FROM sys.routes AS r`,
  },
  {
    kind: 'event notification',
    sql: () => `SELECT QUOTENAME(n.name) AS name, n.parent_class_desc AS [class], n.service_name AS service, e.type_desc AS event
  FROM sys.event_notifications AS n LEFT JOIN sys.events AS e ON e.object_id = n.object_id`,
  },
  {
    kind: 'capture instance',
    // The schema cdc exists once change data capture is on.
    sql: () => `IF OBJECT_ID(N'cdc.change_tables') IS NOT NULL
SELECT QUOTENAME(c.capture_instance) AS name, QUOTENAME(OBJECT_SCHEMA_NAME(c.source_object_id)) AS [schema of the table],
       QUOTENAME(OBJECT_NAME(c.source_object_id)) AS [table], c.supports_net_changes AS [net changes], c.role_name AS [role],
       c.index_name AS [index], c.filegroup_name AS filegroup, k.column_name AS [column], k.column_ordinal AS position
  FROM cdc.change_tables AS c LEFT JOIN cdc.captured_columns AS k ON k.object_id = c.object_id`,
  },
];
