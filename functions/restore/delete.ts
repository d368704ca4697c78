import { type DBInstance, DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import { rds } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { resourceName } from '../shared/contract/keys.ts';
import type { Progress, ShutdownState } from '../shared/contract/state.ts';
import { hasTags } from '../shared/ownership.ts';
import { elapsed } from '../shared/step.ts';
import { findInstance } from './instance.ts';

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
  const instance = await findInstance(identifier);
  if (instance === undefined) {
    const seen = previous?.state !== undefined && previous.state !== 'unseen';
    if (!seen && restoreMayHaveBegun(state) && seconds < LATE_ARRIVAL_SECONDS)
      return { done: false, waitSeconds: 15, since, identifier, state: 'unseen' };
    return { done: true, waitSeconds: 0, since, identifier, state: 'deleted' };
  }
  requireOwn(instance, identifier, state);
  const status = instance.DBInstanceStatus ?? 'unknown';
  if (seconds > DEADLINE_SECONDS) {
    throw new LightsOutError(
      ErrorName.TestInstanceNotDeleted,
      `test instance ${identifier} is still "${status}" after ${Math.round(seconds / 60)} min; expected it gone: delete it by hand (no final snapshot is needed)`,
    );
  }
  if (status !== 'deleting') await requestDeletion(identifier);
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

/** Refused in some states (creating, modifying, backing up): those pass, so the loop tries again. */
async function requestDeletion(identifier: string): Promise<void> {
  try {
    await rds().send(
      new DeleteDBInstanceCommand({
        DBInstanceIdentifier: identifier,
        SkipFinalSnapshot: true,
        DeleteAutomatedBackups: true,
      }),
    );
  } catch (error) {
    const passing = [
      'InvalidDBInstanceStateFault',
      'InvalidDBInstanceState',
      'DBInstanceNotFoundFault',
      'DBInstanceNotFound',
    ];
    if (!isAwsError(error, ...passing)) throw error;
  }
}

/** Deleting is final: three things must agree that the instance is this run's test instance and not the CRM's database. */
function requireOwn(instance: DBInstance, identifier: string, { config, run }: State): void {
  const own =
    instance.DBInstanceIdentifier === identifier &&
    identifier.toLowerCase() !== config.database.identifier.toLowerCase() &&
    hasTags(instance.TagList, config.name, run.id);
  if (own) return;
  throw new LightsOutError(
    ErrorName.TestInstanceNotDeleted,
    `instance ${instance.DBInstanceIdentifier} does not carry this run's tags, so it is not deleted; expected lights-out:run=${run.id}: look at it and delete it by hand if it is a test instance`,
  );
}
