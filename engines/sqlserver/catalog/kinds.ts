/** One kind of object and how its definition is read: a row an object, or several whose facts belong together. */
export interface CatalogKind {
  kind: string;
  /** First major version of SQL Server that has it. Default: 13, SQL Server 2016. */
  since?: number;
  /**
   * SELECT of `name` and facts, each fact a column of whole numbers, bits or text, called as people shall read it. Nothing volatile: no
   * object_id, no date, no statistics. Facts are not put together in SQL: catalog views mix collations, which would be an error.
   */
  sql(major: number): string;
}

/** A column that a version has; NULL before it. */
export const since = (version: number, major: number, column: string): string =>
  major >= version ? column : 'NULL';

/** `[schema].[object]`. */
export const qualified = (schema: string, name: string): string =>
  `QUOTENAME(${schema}) + N'.' + QUOTENAME(${name})`;

/** A sql_variant as bytes in hexadecimal digits: text would round or depend on a style. */
export const variantBytes = (value: string): string =>
  `CONVERT(varchar(8000), CAST(${value} AS varbinary(3999)), 2)`;

/** What would be long or may hold a secret: that it differs shows, what it says does not. */
export const hashOf = (bytes: string): string => `CONVERT(varchar(64), HASHBYTES('SHA2_256', ${bytes}), 2)`;
