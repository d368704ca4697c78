import { messageOf } from '../../contract/errors.ts';
import { log } from '../../runtime/log.ts';
import type { Deleted } from './untold-deletions.ts';

export interface Swept {
  deleted: Deleted[];
  /** What was found and is left to a person, a sentence each. */
  problems: string[];
  /** What could not be deleted, or looked at, and is tried again: a sentence each. */
  failures: string[];
}

/** What looks like something of a run and is not proved to be: it is named, and never deleted. */
export class LeftAlone extends Error {}

/** Keeps what became of one thing, so that it keeps no other from being seen to. */
export function keep(swept: Pick<Swept, 'problems' | 'failures'>, name: string, error: unknown): void {
  const reason = messageOf(error);
  if (error instanceof LeftAlone) {
    log('warn', 'tidy: something is left alone', { name, reason });
    swept.problems.push(`${name}: ${reason}`);
  } else {
    log('error', 'tidy: something could not be deleted', { name, reason });
    swept.failures.push(`${name}: ${reason}`);
  }
}
