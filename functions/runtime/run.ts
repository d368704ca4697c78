import { createHash } from 'node:crypto';
import type { ExecutionReference } from '../contract/state.ts';

/**
 * A run's id, the same however often a step runs: start time in UTC and 8 hexadecimal digits of the execution's ARN,
 * e.g. `20261127-2200-1a2b3c4d`. Sorts by time, and two runs of one minute differ.
 */
export function runIdOf(execution: ExecutionReference): string {
  const [date = '', time = ''] = execution.startTime.split('T');
  const minute = `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
  return `${minute}-${createHash('sha256').update(execution.id).digest('hex').slice(0, 8)}`;
}
