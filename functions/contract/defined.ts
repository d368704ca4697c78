/** `T` without the keys whose value may be undefined: those are optional. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * What of an object is there: a key whose value is undefined is left out, since an optional key is absent here and never undefined
 * (`exactOptionalPropertyTypes`).
 *
 * @example
 * { name, ...defined({ endedAt: execution.stopDate, error }) }
 */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
