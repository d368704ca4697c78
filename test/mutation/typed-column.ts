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
  sql: string;
  /** What must be among the differences: the object's name. */
  object: string;
  /** The key that must be named, and as what. */
  key?: { of: 'missing' | 'extra' | 'changed'; name: string };
}
