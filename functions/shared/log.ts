/**
 * A line of JSON a call, as CloudWatch Logs Insights reads it. Never hand it a secret, a token or a row's value: names,
 * states, counts and identifiers only.
 */
export function log(
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Record<string, unknown> = {},
): void {
  const line = JSON.stringify({ level, message, ...fields });
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.info(line);
}
