/** Quotes an identifier as QUOTENAME does, whatever characters it holds. */
export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
