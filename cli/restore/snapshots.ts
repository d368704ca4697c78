import { hasTags, isMarked } from '../../functions/aws/ownership.ts';
import type { FoundSnapshot } from '../../functions/aws/rds/kind.ts';
import { databaseKindOf } from '../../functions/aws/rds/kinds.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { defined } from '../../functions/contract/defined.ts';
import { ResourceTag, resourceName } from '../../functions/contract/keys.ts';
import { shown } from '../../functions/contract/shown.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';

/** A snapshot that a run of Lights Out took of the system's database. */
export interface RunSnapshot {
  run: string;
  identifier: string;
  status: string;
  /** The run's closing has marked it: it was restored and compared. */
  isVerified: boolean;
  engine?: string;
  engineVersion?: string;
  /** ISO 8601. Absent while it is being taken. */
  takenAt?: string;
}

/** The snapshots that runs of the system took, newest first. A run's id begins with its time. */
export async function snapshotsOf(config: SystemConfig): Promise<RunSnapshot[]> {
  const prefix = resourceName(config.name, '');
  const all = await databaseKindOf(config).listSnapshots(config.database.identifier);
  return all
    .flatMap((snapshot) => {
      const run = snapshot.identifier.startsWith(prefix) ? snapshot.identifier.slice(prefix.length) : '';
      return run !== '' && hasTags(snapshot.tags, config.name, run) ? [ofRun(run, snapshot)] : [];
    })
    .sort((one, other) => (one.run < other.run ? 1 : -1));
}

function ofRun(
  run: string,
  { identifier, status, tags, engine, engineVersion, takenAt }: FoundSnapshot,
): RunSnapshot {
  return {
    run,
    identifier,
    status,
    isVerified: isMarked(tags, ResourceTag.Verified),
    ...defined({ engine, engineVersion, takenAt }),
  };
}

/**
 * The snapshot to restore: that of the run, else the newest that is proved.
 *
 * @throws BadInputError when there is none that is proved and available: what was found, and what to do.
 */
export function chosenSnapshot(
  config: Pick<SystemConfig, 'environment'>,
  snapshots: RunSnapshot[],
  run: string | undefined,
): RunSnapshot {
  const good = snapshots.filter(({ isVerified, status }) => isVerified && status === 'available');
  if (run === undefined) {
    const [newest] = good;
    if (newest !== undefined) return newest;
    throw new BadInputError(
      `no proved snapshot: RDS${placeOf(config)} has ${snapshots.length === 0 ? 'no snapshot of a run of this system' : `${snapshots.length} of runs of this system, and none that has the tag ${ResourceTag.Verified} and is available`}; expected one. ` +
        'See "lights-out restore --list". A run takes and proves one (docs/operations.md › A backup now); a snapshot that is not proved is restored in the RDS console, at your own risk',
    );
  }
  const asked = snapshots.find((snapshot) => snapshot.run === run);
  if (asked !== undefined && good.includes(asked)) return asked;
  throw new BadInputError(
    `--run ${shown(run)}: ${whyNot(asked)}; expected a run whose snapshot is proved and available: ${good.length === 0 ? 'none' : good.map((snapshot) => snapshot.run).join(', ')}`,
  );
}

function whyNot(asked: RunSnapshot | undefined): string {
  if (asked === undefined) return 'RDS has no snapshot of such a run of this system';
  const { identifier, status, isVerified } = asked;
  if (isVerified) return `its snapshot ${identifier} is "${status}"`;
  return `its snapshot ${identifier} was never proved: it lacks the tag ${ResourceTag.Verified}, which a run sets once the restored copy equals the source`;
}

/** Credentials of another account find nothing, and say nothing of it. */
function placeOf({ environment }: Pick<SystemConfig, 'environment'>): string {
  return environment === undefined ? '' : ` in ${environment.region} (account ${environment.account})`;
}
