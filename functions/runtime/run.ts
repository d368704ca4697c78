import { createHash } from 'node:crypto';
import type { ExecutionReference } from '../contract/state.ts';

/**
 * A run's id: start time in UTC and 8 hexadecimal digits of a hash of the execution's ARN, e.g. `20261127-2200-1a2b3c4d`. A repeated step
 * gets the same id. Ids sort by time, and two runs of one minute differ.
 */
export function runIdOf(execution: ExecutionReference): string {
  const [date = '', time = ''] = execution.startTime.split('T');
  const minute = `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
  return `${minute}-${createHash('sha256').update(execution.id).digest('hex').slice(0, 8)}`;
}
