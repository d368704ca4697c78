/** A column of a type, with values of which no two are the same: equal ones of another form (0 and -0, 1.0 and 1.00) included. */
export interface TypedColumn {
  name: string;
  type: string;
  /** SQL expressions. */
  values: string[];
}

/** One change of a database, and what a comparison must say of it. */
export interface Change {
  kind: string;
  /** Statements; those behind `;;` in a transaction of their own. */
  sql: string;
  /** What must be among the differences: the object's name. */
  object: string;
  /** The key that must be named, and as what. */
  key?: { of: 'missing' | 'extra' | 'changed'; name: string };
  /** Takes the change back, where dropping the database does not: what belongs to the whole server. */
  undo?: string;
  /** First major version that knows it. */
  since?: number;
}

/** A change of a definition: the statement and the object that must be named. */
export type Definition = readonly [sql: string, object: string, more?: Pick<Change, 'undo' | 'since'>];
