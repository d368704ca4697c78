import { hasTags, tagsOf } from '../../aws/ownership.ts';
import { type FoundCopy, isRdsRefusal, NOT_LISTED } from '../../aws/rds/kind.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { resourceName } from '../../contract/keys.ts';
import type { RestoreResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { log } from '../../runtime/log.ts';
import { requireDatabase } from '../../runtime/plan-results.ts';
import { predictWait } from '../../runtime/prediction.ts';
import { elapsed } from '../../runtime/step.ts';

/** The state after the snapshot. */
export type State = StateAfter<'snapshot', 'run' | 'config' | 'plan' | 'backup' | 'restore'>;

/** For this many seconds a requested part may not be listed, or its request may be refused. Afterwards the part counts as never begun. */
const VISIBLE_WITHIN_SECONDS = 300;

/** One round of restoring. Requests the copy, or its next part, if it is missing. Answers the endpoint once the copy is available. */
export async function restoreTestInstance(state: State): Promise<RestoreResult> {
  const { config, run, plan } = state;
  const previous = state.restore;
  const { since, seconds } = elapsed(previous);
  const identifier = resourceName(config.name, run.id);
  const found = await databaseKindOf(config).findCopy(identifier);
  if (found !== undefined) requireOwn(found, config.name, run.id);
  const copy = found === undefined || found.progress === 'incomplete' ? await request(state, found) : found;
  const answer = { since, identifier, arn: found?.arn ?? '' };
  if (copy === NOT_LISTED) {
    // The count begins anew once the copy was seen: an out-of-date answer must not fail a restore in progress.
    const unseen = elapsed({ since: previous?.unseenSince ?? new Date(Date.now()).toISOString() });
    if (unseen.seconds > VISIBLE_WITHIN_SECONDS)
      throw failed(
        identifier,
        `it is not to be found ${Math.round(unseen.seconds)} s after it was requested`,
      );
    return { done: false, waitSeconds: 10, ...answer, unseenSince: unseen.since };
  }
  const { address, port, status } = copy;
  if (copy.progress === 'ready' && address !== undefined && port !== undefined) {
    requireIsolated(copy);
    return {
      done: true,
      waitSeconds: 0,
      ...answer,
      arn: copy.arn,
      address,
      port,
      ...(copy.resourceId === undefined ? {} : { resourceId: copy.resourceId }),
    };
  }
  if (copy.progress === 'ended') throw failed(identifier, `it ended as "${status}"`);
  if (seconds > DEADLINE_SECONDS.restore)
    throw failed(identifier, `still "${status}" after ${Math.round(seconds / 60)} min`);
  const wait = predictWait({
    elapsedSeconds: seconds,
    expectedSeconds: plan.expected.steps['Restore test instance'],
  });
  return { done: false, waitSeconds: wait, ...answer, arn: copy.arn };
}

/** Requests the copy or its next part. If RDS refuses the request for now, the part counts as not listed yet. */
async function request(
  { config, run, plan, backup }: State,
  found: FoundCopy | undefined,
): Promise<FoundCopy | typeof NOT_LISTED> {
  const identifier = resourceName(config.name, run.id);
  const { instanceClass, subnetGroup } = config.database.testInstance;
  const answer = await databaseKindOf(config).requestCopy(
    {
      identifier,
      snapshot: backup.snapshot.identifier,
      engineVersion: backup.snapshot.engineVersion,
      source: requireDatabase(plan),
      instanceClass,
      subnetGroup,
      securityGroup: environmentVariable(EnvironmentVariable.TestSecurityGroup),
      iamAuthentication: config.database.iamUser !== undefined,
      tags: tagsOf(config, run.id, plan.database?.tags),
    },
    found,
  );
  if (!isRdsRefusal(answer)) return answer;
  if (!answer.passes) throw failed(identifier, answer.refused);
  log('info', 'restore: RDS refused it just now; it is asked for again', { reason: answer.refused });
  return NOT_LISTED;
}

function requireOwn(copy: FoundCopy, system: string, runId: string): void {
  // Right after the creation the list of tags may still be empty.
  const foreign = copy.parts.find(({ tags }) => tags.length > 0 && !hasTags(tags, system, runId));
  if (foreign !== undefined) throw failed(copy.identifier, `${foreign.name} exists but is not this run's`);
}

/** The isolation is looked at, not believed: a copy of the CRM's data must never be public. */
function requireIsolated({ identifier, publiclyAccessible, securityGroups }: FoundCopy): void {
  const group = environmentVariable(EnvironmentVariable.TestSecurityGroup);
  if (publiclyAccessible || securityGroups.length !== 1 || securityGroups[0] !== group) {
    throw failed(
      identifier,
      `it is not isolated (public: ${String(publiclyAccessible)}, security groups: ${securityGroups.join(', ')})`,
    );
  }
}

function failed(identifier: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.RestoreFailed,
    `test instance ${identifier}: ${found}; expected it to become "available" in its own security group: see its events in the RDS console. It is deleted by the roll back`,
  );
}
