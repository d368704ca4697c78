/** One kind of object, and the query for its definition. An object has one row, or several whose facts belong together. */
export interface CatalogKind {
  kind: string;
  /** First major version of SQL Server that has the kind. Default: 13, SQL Server 2016. */
  since?: number;
  /**
   * SELECT of `name` and facts. Each fact is a column of whole numbers, bits or text, with a name for people. Volatile facts are left
   * out: object_id, dates, statistics. Facts are not put together in SQL: catalog views mix collations, which would be an error.
   */
  sql(major: number): string;
}

/** A column that a version has. NULL before that version. */
export const since = (version: number, major: number, column: string): string =>
  major >= version ? column : 'NULL';

/** `[schema].[object]`. */
export const qualified = (schema: string, name: string): string =>
  `QUOTENAME(${schema}) + N'.' + QUOTENAME(${name})`;

/** A sql_variant as bytes in hexadecimal digits. Its text would round or depend on a style. */
export const variantBytes = (value: string): string =>
  `CONVERT(varchar(8000), CAST(${value} AS varbinary(3999)), 2)`;

/** A hash of a value that is long or may hold a secret. It shows that the value differs, and not what it says. */
export const hashOf = (bytes: string): string => `CONVERT(varchar(64), HASHBYTES('SHA2_256', ${bytes}), 2)`;
