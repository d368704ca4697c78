import { hasTags } from '../../aws/ownership.ts';
import type { FoundCopy } from '../../aws/rds/kind.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { resourceName } from '../../contract/keys.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { Failure, Progress } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { elapsed, progressOf } from '../../runtime/step.ts';

export type State = StateAfter<'plan', 'run' | 'config' | 'backup' | 'restore' | 'failure'> & {
  testInstance?: Deleted;
  rollback?: { testInstance?: Deleted | Failure };
};

export interface Deleted extends Progress {
  identifier: string;
  state: string;
  /** Since when a part of the copy is listed without any tag, ISO 8601. */
  untaggedSince?: string;
}

const POLL_SECONDS = 20;

/**
 * Right after a creation the list of tags may be empty. For this many seconds an empty list does not prove that the part belongs to
 * somebody else.
 */
const TAGS_LISTED_WITHIN_SECONDS = 300;

/**
 * If the answer of a restore was lost, its instance may appear some seconds later. For this many seconds a roll back looks again before it
 * believes that there is no instance.
 */
const LATE_ARRIVAL_SECONDS = 30;

/**
 * An instance that the restore has seen does not vanish unless its deletion is requested. For this many seconds an answer without it counts
 * as out of date.
 */
const VISIBLE_WITHIN_SECONDS = 300;

/** One round of deleting this run's test instance; done only when RDS no longer knows it. */
export async function deleteTestInstance(state: State): Promise<Deleted> {
  const { config, run } = state;
  const previous = deletionProgress(state);
  const { since, seconds } = elapsed(previous);
  const identifier = resourceName(config.name, run.id);
  const kind = databaseKindOf(config);
  const copy = await kind.findCopy(identifier);
  if (copy === undefined) {
    const seen = previous?.state !== undefined && previous.state !== 'unseen';
    const patience = wasRestored(state) ? VISIBLE_WITHIN_SECONDS : LATE_ARRIVAL_SECONDS;
    if (!seen && restoreMayHaveBegun(state) && seconds < patience)
      return { done: false, waitSeconds: 15, since, identifier, state: 'unseen' };
    return { done: true, waitSeconds: 0, since, identifier, state: 'deleted' };
  }
  const { status } = copy;
  if (requireOwn(copy, identifier, state) === 'not listed yet') {
    const untagged = elapsed({ since: previous?.untaggedSince ?? new Date(Date.now()).toISOString() });
    if (untagged.seconds > TAGS_LISTED_WITHIN_SECONDS)
      throw notOwn(untaggedPart(copy)?.name ?? identifier, state);
    return { done: false, waitSeconds: 10, since, identifier, state: status, untaggedSince: untagged.since };
  }
  if (seconds > DEADLINE_SECONDS.testInstanceDeletion) {
    throw new LightsOutError(
      ErrorName.TestInstanceNotDeleted,
      `test instance ${identifier} is still "${status}" after ${Math.round(seconds / 60)} min; expected it gone: delete it by hand (no final snapshot is needed)`,
    );
  }
  await kind.requestCopyDeletion(copy);
  return { done: false, waitSeconds: lookAgainIn(POLL_SECONDS, seconds), since, identifier, state: status };
}

/** Tells whether the restore saw the instance and the way forward did not see it gone. */
function wasRestored({ restore, testInstance }: State): boolean {
  return restore?.arn !== undefined && restore.arn !== '' && testInstance?.done !== true;
}

/** Without a snapshot there was nothing to restore. */
function restoreMayHaveBegun({ backup }: State): boolean {
  return backup?.snapshot !== undefined;
}

/** A roll back begins its own count, so that an instance left by the way forward gets the whole time again. */
function deletionProgress(state: State): Deleted | undefined {
  return progressOf(state.failure === undefined ? state.testInstance : state.rollback?.testInstance);
}

/**
 * Deleting is final: three facts must agree that every part is this run's copy and not the CRM's database. A part without tags is not this
 * run's until its tags show.
 *
 * @throws LightsOutError `TestInstanceNotDeleted` when a part is not this run's.
 */
function requireOwn(copy: FoundCopy, identifier: string, state: State): 'own' | 'not listed yet' {
  const { config, run } = state;
  const isCopy =
    copy.identifier === identifier && identifier.toLowerCase() !== config.database.identifier.toLowerCase();
  if (!isCopy) throw notOwn(copy.identifier, state);
  const foreign = copy.parts.find(
    (part) => part.foreign === true || (part.tags.length > 0 && !hasTags(part.tags, config.name, run.id)),
  );
  if (foreign !== undefined) throw notOwn(foreign.name, state);
  return untaggedPart(copy) === undefined ? 'own' : 'not listed yet';
}

function untaggedPart(copy: FoundCopy): FoundCopy['parts'][number] | undefined {
  return copy.parts.find(({ tags }) => tags.length === 0);
}

function notOwn(name: string, { run }: State): LightsOutError {
  return new LightsOutError(
    ErrorName.TestInstanceNotDeleted,
    `${name} does not carry this run's tags, so it is not deleted; expected lights-out:run=${run.id}: look at it and delete it by hand if it is a test instance`,
  );
}
