import { AsyncLocalStorage } from 'node:async_hooks';
import { EnvironmentVariable } from '../contract/environment.ts';

/** Fields of every line of a call, besides the system's name. */
export interface LogContext {
  step: string;
  action?: string;
  /** The run of the call. Absent for work between runs. */
  run?: string;
}

const context = new AsyncLocalStorage<LogContext>();

/** Gives this context to every line that `work` logs, even if the function serves several calls at once. */
export function logged<Result>(of: LogContext, work: () => Promise<Result>): Promise<Result> {
  return context.run(of, work);
}

/**
 * Writes a line to CloudWatch Logs. Lambda's runtime puts the one object into the field `message` of a line of JSON. Logs Insights
 * therefore finds `message.run`, `message.step` and the other fields. A text, JSON or not, would stay a text (`formatJsonMessage` of
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client). docs/decisions/0023-one-logger.md
 *
 * Never log a secret, a token, an address or a row's value. Log names, states, counts and identifiers only.
 */
export function log(
  level: 'info' | 'warn' | 'error',
  what: string,
  fields: Record<string, unknown> = {},
): void {
  // Not `environmentVariable`, which throws. A missing name must not lose the line.
  const system = process.env[EnvironmentVariable.SystemName];
  const line = { what, system, ...context.getStore(), ...fields };
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.info(line);
}
