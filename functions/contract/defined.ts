/** `T` with each key optional whose value may be undefined. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Leaves out the keys whose value is undefined. In this project an optional key is absent, never undefined (`exactOptionalPropertyTypes`).
 *
 * @example
 * { name, ...defined({ endedAt: execution.stopDate, error }) }
 */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
