/** Quotes an identifier, whatever characters it holds: as QUOTENAME does. */
export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A text literal. */
export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
