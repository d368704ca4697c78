import { AsyncLocalStorage } from 'node:async_hooks';
import { EnvironmentVariable } from '../contract/environment.ts';

/** What stands on every line of a call, besides the system's name. */
export interface LogContext {
  /** Step whose function writes. */
  step: string;
  /** What it does. */
  action?: string;
  /** The run it is about; undefined for the work between runs. */
  run?: string;
}

const context = new AsyncLocalStorage<LogContext>();

/** Everything that is logged within stands under this context, however many calls one function serves at once. */
export function logged<Result>(of: LogContext, work: () => Promise<Result>): Promise<Result> {
  return context.run(of, work);
}

/**
 * A line of CloudWatch Logs. The one object that is handed over becomes the field `message` of the line of JSON which Lambda's runtime writes, so that
 * Logs Insights finds `message.run`, `message.step` and the others; a text, JSON or not, would stand there as text
 * (`formatJsonMessage` of https://github.com/aws/aws-lambda-nodejs-runtime-interface-client). docs/decisions/0023-one-logger.md
 *
 * Never hand it a secret, a token, an address or a row's value: names, states, counts and identifiers only.
 */
export function log(
  level: 'info' | 'warn' | 'error',
  what: string,
  fields: Record<string, unknown> = {},
): void {
  // Not `environmentVariable`, which throws: a line is never lost for want of a name.
  const system = process.env[EnvironmentVariable.SystemName];
  const line = { what, system, ...context.getStore(), ...fields };
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.info(line);
}
