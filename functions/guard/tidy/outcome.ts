import { messageOf } from '../../contract/errors.ts';
import { log } from '../../runtime/log.ts';
import type { Deleted } from './untold-deletions.ts';

export interface Swept {
  deleted: Deleted[];
  /** Findings that are left to a person, a sentence each. */
  problems: string[];
  /** Resources that could not be deleted or looked at, and are tried again, a sentence each. */
  failures: string[];
}

/** A resource that may belong to a run, without proof. It is reported and never deleted. */
export class LeftAlone extends Error {}

/** Keeps the outcome for one resource, so that its failure does not stop the others. */
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
