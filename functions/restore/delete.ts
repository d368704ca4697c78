import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { resourceName } from '../shared/contract/keys.ts';
import type { Progress, ShutdownState } from '../shared/contract/state.ts';
import type { FoundCopy } from '../shared/database-kinds/kind.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { hasTags } from '../shared/ownership.ts';
import { elapsed } from '../shared/step.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'backup' | 'testInstance' | 'failure' | 'rollback'>;

export interface Deleted extends Progress {
  identifier: string;
  state: string;
}

/** How long a deletion may take, in seconds, the states in which RDS refuses it included. */
const DEADLINE_SECONDS = 2 * 3600;

const POLL_SECONDS = 20;

/**
 * A restore whose answer was lost may show up only after some seconds. A roll back that finds no instance looks again for
 * this long, in seconds, before it believes that there is none.
 */
const LATE_ARRIVAL_SECONDS = 30;

/** One round of deleting this run's test instance; done only when RDS no longer knows it. */
export async function deleteTestInstance(state: State): Promise<Deleted> {
  const { config, run } = state;
  const previous = progressOf(state);
  const { since, seconds } = elapsed(previous);
  const identifier = resourceName(config.name, run.id);
  const kind = kindOf(config);
  const copy = await kind.findCopy(identifier);
  if (copy === undefined) {
    const seen = previous?.state !== undefined && previous.state !== 'unseen';
    if (!seen && restoreMayHaveBegun(state) && seconds < LATE_ARRIVAL_SECONDS)
      return { done: false, waitSeconds: 15, since, identifier, state: 'unseen' };
    return { done: true, waitSeconds: 0, since, identifier, state: 'deleted' };
  }
  requireOwn(copy, identifier, state);
  const { status } = copy;
  if (seconds > DEADLINE_SECONDS) {
    throw new LightsOutError(
      ErrorName.TestInstanceNotDeleted,
      `test instance ${identifier} is still "${status}" after ${Math.round(seconds / 60)} min; expected it gone: delete it by hand (no final snapshot is needed)`,
    );
  }
  await kind.requestCopyDeletion(copy);
  return { done: false, waitSeconds: POLL_SECONDS, since, identifier, state: status };
}

/** Without a snapshot there was nothing to restore. */
function restoreMayHaveBegun(state: State): boolean {
  const backup: Partial<ShutdownState['backup']> | undefined = state.backup;
  return backup?.snapshot !== undefined;
}

/** A roll back begins its own count: what the way forward did not get deleted has all the time again. */
function progressOf(state: State): Deleted | undefined {
  const progress = state.failure === undefined ? state.testInstance : state.rollback?.testInstance;
  return progress !== undefined && 'since' in progress ? (progress as Deleted) : undefined;
}

/** Deleting is final: three things must agree that all of it is this run's copy and not the CRM's database. */
function requireOwn(copy: FoundCopy, identifier: string, { config, run }: State): void {
  const isCopy =
    copy.identifier === identifier && identifier.toLowerCase() !== config.database.identifier.toLowerCase();
  const foreign = isCopy
    ? copy.parts.find(({ tags }) => !hasTags(tags, config.name, run.id))?.name
    : copy.identifier;
  if (foreign === undefined) return;
  throw new LightsOutError(
    ErrorName.TestInstanceNotDeleted,
    `${foreign} does not carry this run's tags, so it is not deleted; expected lights-out:run=${run.id}: look at it and delete it by hand if it is a test instance`,
  );
}
