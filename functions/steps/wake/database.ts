import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import type { DatabaseStarted, StartupState } from '../../contract/startup-state.ts';
import { STARTUP_STEPS } from '../../contract/startup-steps.ts';
import type { ExecutionReference } from '../../contract/state.ts';
import { requireLock } from '../../guard/lock.ts';
import { awsErrorName, translateAwsError } from '../../runtime/aws-errors.ts';
import { predictWait } from '../../runtime/prediction.ts';
import { elapsed } from '../../runtime/step.ts';

/** Statuses in which the database takes connections for certain, narrower than `USABLE`: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const TAKES_CONNECTIONS: ReadonlySet<string> = new Set(['available', 'backing-up', 'storage-optimization']);

/**
 * One round. The start is asked for only while RDS says `stopped`: a database that is still stopping is waited for, and a start whose
 * answer was lost shows as `starting`.
 *
 * @throws LightsOutError `DatabaseDidNotStart`, `LockLost`.
 */
export async function startDatabase(
  execution: ExecutionReference,
  { run, config, database: previous }: Pick<StartupState, 'run' | 'config' | 'database'>,
): Promise<DatabaseStarted> {
  const { since, seconds } = elapsed(previous);
  const { identifier } = config.database;
  const kind = databaseKindOf(config);
  const state = await kind.status(identifier);
  if (state === undefined)
    throw notStarted(identifier, `is not there: RDS knows no ${kind.noun} of this name`);
  const answer = { since, identifier, state, wasStarted: previous?.wasStarted ?? false };
  const endpoint = TAKES_CONNECTIONS.has(state) ? await kind.endpoint(identifier) : undefined;
  if (endpoint !== undefined) return { ...answer, ...endpoint, done: true, waitSeconds: 0 };
  if (kind.terminal.has(state))
    throw notStarted(identifier, `is "${state}", from which RDS does not start it`);
  if (seconds > DEADLINE_SECONDS.databaseStart)
    throw notStarted(identifier, `is still "${state}" after ${Math.round(seconds / 60)} min`);
  if (state === 'stopped') {
    await requireLock(run.system, execution.id);
    await kind.requestStart(identifier).catch((error: unknown) => {
      throw refusedStart(identifier, error);
    });
  }
  const waitSeconds = predictWait({
    elapsedSeconds: seconds,
    expectedSeconds: STARTUP_STEPS.startDatabase.expectedSeconds,
  });
  return { ...answer, wasStarted: answer.wasStarted || state === 'stopped', done: false, waitSeconds };
}

/** RDS refuses a start for good, e.g. since the key of the storage is disabled. What may pass, and what is a missing right, keeps its own name. */
function refusedStart(identifier: string, error: unknown): unknown {
  const translated = translateAwsError(error);
  const name = awsErrorName(error);
  if (translated instanceof LightsOutError || name === undefined) return translated;
  return notStarted(identifier, `cannot be started: RDS answers ${name} (${messageOf(error)})`);
}

function notStarted(identifier: string, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.DatabaseDidNotStart,
    `database ${identifier} ${found}; expected "available": see its events in the RDS console, mend the cause, then start the start-up again`,
  );
}
