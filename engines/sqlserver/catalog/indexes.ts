import { type CatalogKind, qualified, since } from './kinds.ts';

/** Indexes of tables and views. A heap has none, but lies somewhere too. */
const OF = `FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id AND o.type IN ('U', 'V')
  JOIN sys.schemas AS s ON s.schema_id = o.schema_id`;

const NAME = `${qualified('s.name', 'o.name')} + N'.' + COALESCE(QUOTENAME(i.name), N'heap')`;

export const INDEX_KINDS: CatalogKind[] = [
  {
    kind: 'index',
    sql: (
      major,
    ) => `SELECT ${NAME} AS name, i.type_desc AS type, i.is_unique AS [unique], i.ignore_dup_key AS [ignore duplicate keys],
       i.is_primary_key AS [primary key], i.is_unique_constraint AS [unique constraint], i.fill_factor AS [fill factor], i.is_padded AS padded,
       i.is_disabled AS disabled, i.is_hypothetical AS hypothetical, i.allow_row_locks AS [row locks], i.allow_page_locks AS [page locks],
       i.filter_definition AS filter, i.compression_delay AS [compression delay], QUOTENAME(d.name) AS [data space],
       (SELECT a.no_recompute FROM sys.stats AS a WHERE a.object_id = i.object_id AND a.stats_id = i.index_id) AS [no recompute],
       h.bucket_count AS [hash buckets], ${since(14, major, 'i.suppress_dup_key_messages')} AS [suppress duplicate key messages],
       ${since(15, major, 'i.optimize_for_sequential_key')} AS [optimised for sequential key]
  ${OF} LEFT JOIN sys.data_spaces AS d ON d.data_space_id = i.data_space_id
  LEFT JOIN sys.hash_indexes AS h ON h.object_id = i.object_id AND h.index_id = i.index_id`,
  },
  {
    kind: 'index columns',
    sql: (
      major,
    ) => `SELECT ${NAME} AS name, k.index_column_id AS position, QUOTENAME(c.name) AS [column], k.key_ordinal AS [place in the key],
       k.partition_ordinal AS [place in the partitioning], k.is_descending_key AS descending, k.is_included_column AS included,
       ${since(16, major, 'k.column_store_order_ordinal')} AS [place in the order]
  ${OF} JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
  JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id`,
  },
  {
    kind: 'index partitions',
    sql: (
      major,
    ) => `SELECT ${NAME} AS name, p.partition_number AS partition, p.data_compression_desc AS compression,
       ${since(16, major, 'p.xml_compression')} AS [xml compression]
  ${OF} JOIN sys.partitions AS p ON p.object_id = i.object_id AND p.index_id = i.index_id`,
  },
  {
    kind: 'xml index',
    sql: () => `SELECT ${NAME} AS name, x.xml_index_type_description AS type, x.secondary_type_desc AS [secondary type],
       (SELECT QUOTENAME(u.name) FROM sys.indexes AS u WHERE u.object_id = x.object_id AND u.index_id = x.using_xml_index_id) AS [using index],
       p.name AS path, p.path AS [path expression], p.path_type_desc AS [path type], p.xquery_type_description AS [xquery type],
       p.xquery_max_length AS [xquery length], p.is_singleton AS singleton, p.is_node AS node, p.max_length AS length
  ${OF} JOIN sys.xml_indexes AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
  LEFT JOIN sys.selective_xml_index_paths AS p ON p.object_id = x.object_id AND p.index_id = x.index_id`,
  },
  {
    kind: 'spatial index',
    sql: () => `SELECT ${NAME} AS name, t.tessellation_scheme AS scheme, x.spatial_index_type_desc AS type,
       CONVERT(varchar(40), t.bounding_box_xmin, 3) AS xmin, CONVERT(varchar(40), t.bounding_box_ymin, 3) AS ymin,
       CONVERT(varchar(40), t.bounding_box_xmax, 3) AS xmax, CONVERT(varchar(40), t.bounding_box_ymax, 3) AS ymax,
       t.level_1_grid_desc AS [grid 1], t.level_2_grid_desc AS [grid 2], t.level_3_grid_desc AS [grid 3], t.level_4_grid_desc AS [grid 4],
       t.cells_per_object AS [cells per object]
  ${OF} JOIN sys.spatial_indexes AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
  LEFT JOIN sys.spatial_index_tessellations AS t ON t.object_id = x.object_id AND t.index_id = x.index_id`,
  },
  {
    kind: 'full-text index',
    sql: () => `SELECT ${qualified('s.name', 'o.name')} AS name, x.is_enabled AS enabled, x.change_tracking_state_desc AS [change tracking],
       QUOTENAME(g.name) AS [catalog], (SELECT QUOTENAME(i.name) FROM sys.indexes AS i WHERE i.object_id = x.object_id AND i.index_id = x.unique_index_id) AS [unique index],
       CASE WHEN x.stoplist_id = 0 THEN 1 ELSE 0 END AS [system stoplist], QUOTENAME(l.name) AS stoplist, QUOTENAME(d.name) AS [data space],
       QUOTENAME(COL_NAME(c.object_id, c.column_id)) AS [column], QUOTENAME(COL_NAME(c.object_id, c.type_column_id)) AS [type column],
       c.language_id AS [language], c.statistical_semantics AS [statistical semantics]
  FROM sys.fulltext_indexes AS x JOIN sys.objects AS o ON o.object_id = x.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  LEFT JOIN sys.fulltext_catalogs AS g ON g.fulltext_catalog_id = x.fulltext_catalog_id
  LEFT JOIN sys.fulltext_stoplists AS l ON l.stoplist_id = x.stoplist_id
  LEFT JOIN sys.data_spaces AS d ON d.data_space_id = x.data_space_id
  LEFT JOIN sys.fulltext_index_columns AS c ON c.object_id = x.object_id`,
  },
];
