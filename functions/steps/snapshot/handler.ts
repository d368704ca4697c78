import { hasTags, tagsOf } from '../../aws/ownership.ts';
import { type FoundSnapshot, isRdsRefusal, NOT_LISTED } from '../../aws/rds/kind.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { resourceName } from '../../contract/keys.ts';
import type { SnapshotResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireLock } from '../../guard/lock.ts';
import { log } from '../../runtime/log.ts';
import { predictWait } from '../../runtime/prediction.ts';
import { defineStep, elapsed, type StepEvent } from '../../runtime/step.ts';

export type SnapshotEvent = StepEvent<'take', StateAfter<'services', 'run' | 'config' | 'plan' | 'backup'>>;

/** For this many seconds a created snapshot may not be listed. Afterwards it counts as never made. */
const VISIBLE_WITHIN_SECONDS = 300;

/** How long the database may be busy (an automated backup, a modification) before it accepts the request, in seconds. */
const BUSY_SECONDS = 3600;

/**
 * Takes the run's snapshot and sees it `available`.
 *
 * Trigger: the workflow's state "Take snapshot", called again until done. The name carries the run's id, so a repeated call, or one
 * whose answer was lost, finds the snapshot it made.
 * The lock is looked at first: the services of a run that was cleaned up write again.
 * Rejects with `LockLost`, with `SnapshotFailed` at a terminal status, a snapshot of that name that is not this run's, or the deadline.
 */
export const handler = defineStep('snapshot', async (event: SnapshotEvent): Promise<SnapshotResult> => {
  const { run, config, plan } = event.state;
  await requireLock(run.system, event.execution.id);
  const { since, seconds } = elapsed(event.state.backup?.snapshot);
  const identifier = resourceName(config.name, run.id);
  const kind = databaseKindOf(config);
  const found =
    (await kind.findSnapshot(identifier)) ??
    (await kind.requestSnapshot({
      identifier,
      database: config.database.identifier,
      tags: tagsOf(config, run.id, plan.database?.tags),
    }));
  if (isRdsRefusal(found)) {
    if (!found.passes) throw failed(identifier, found.refused);
    log('info', 'snapshot: RDS refused it just now; it is asked for again', { reason: found.refused });
    if (seconds > BUSY_SECONDS)
      throw failed(identifier, `RDS refused it for ${Math.round(seconds / 60)} min, the database being busy`);
    return { done: false, waitSeconds: 30, since, identifier, arn: '', percent: 0 };
  }
  const snapshot = found === NOT_LISTED ? undefined : found;
  const answer = {
    since,
    identifier,
    arn: snapshot?.arn ?? '',
    percent: snapshot?.percent ?? 0,
    ...(snapshot?.engineVersion === undefined ? {} : { engineVersion: snapshot.engineVersion }),
  };
  const expected = plan.expected.steps['Take snapshot'];

  if (snapshot === undefined) {
    // The count begins anew once the snapshot was seen: an out-of-date answer must not fail a snapshot in progress.
    const unseen = elapsed({
      since: event.state.backup?.snapshot?.unseenSince ?? new Date(Date.now()).toISOString(),
    });
    if (unseen.seconds > VISIBLE_WITHIN_SECONDS)
      throw failed(
        identifier,
        `it is not to be found ${Math.round(unseen.seconds)} s after it was requested`,
      );
    return { done: false, waitSeconds: 10, ...answer, unseenSince: unseen.since };
  }
  requireOwn(snapshot, config.name, run.id, config.database.identifier);
  switch (snapshot.status) {
    case 'available':
      return { done: true, waitSeconds: 0, ...answer, percent: 100 };
    case 'creating':
    case 'pending':
    case 'copying':
    case 'modifying':
      if (seconds > DEADLINE_SECONDS.snapshot)
        throw failed(
          identifier,
          `still "${snapshot.status}" (${answer.percent} %) after ${Math.round(seconds / 60)} min`,
        );
      return {
        done: false,
        waitSeconds: predictWait({
          elapsedSeconds: seconds,
          percent: answer.percent,
          expectedSeconds: expected,
        }),
        ...answer,
      };
    default:
      throw failed(identifier, `it ended as "${snapshot.status}"`);
  }
});

function requireOwn(snapshot: FoundSnapshot, system: string, runId: string, database: string): void {
  // RDS keeps identifiers in lower case, however they were written.
  const ofDatabase = snapshot.database.toLowerCase() === database.toLowerCase();
  // Right after the creation the list of tags may be empty. A snapshot of another database is never this run's.
  const untagged = snapshot.tags.length === 0;
  if (ofDatabase && (untagged || hasTags(snapshot.tags, system, runId))) return;
  throw failed(
    snapshot.identifier,
    `a snapshot of that name exists but is not this run's (it is of ${snapshot.database})`,
  );
}

function failed(identifier: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.SnapshotFailed,
    `snapshot ${identifier}: ${found}; expected it to become "available": see the events of the database in the RDS console, then start the run again`,
  );
}
