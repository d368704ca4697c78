import { hasTags, isMarked } from '../../functions/aws/ownership.ts';
import type { FoundSnapshot } from '../../functions/aws/rds/kind.ts';
import { databaseKindOf } from '../../functions/aws/rds/kinds.ts';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { ResourceTag, resourceName } from '../../functions/contract/keys.ts';
import { BadInputError } from '../../sandbox/bad-input.ts';

/** A snapshot that a run of Lights Out took of the system's database. */
export interface RunSnapshot {
  run: string;
  identifier: string;
  status: string;
  /** The run's closing has marked it: it was restored and compared. */
  isVerified: boolean;
  engineVersion?: string;
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

function ofRun(run: string, { identifier, status, tags, engineVersion }: FoundSnapshot): RunSnapshot {
  return {
    run,
    identifier,
    status,
    isVerified: isMarked(tags, ResourceTag.Verified),
    ...(engineVersion === undefined ? {} : { engineVersion }),
  };
}

/**
 * The snapshot to restore: that of the run, else the newest that is proved.
 *
 * @throws BadInputError when there is none that is proved and available: what was found, and what to do.
 */
export function chosenSnapshot(snapshots: RunSnapshot[], run: string | undefined): RunSnapshot {
  const isGood = ({ isVerified, status }: RunSnapshot): boolean => isVerified && status === 'available';
  const good = snapshots.filter(isGood);
  const known = good.length === 0 ? 'none' : good.map((snapshot) => snapshot.run).join(', ');
  if (run === undefined) {
    const [newest] = good;
    if (newest !== undefined) return newest;
    throw new BadInputError(
      `no proved snapshot: RDS has ${snapshots.length === 0 ? 'no snapshot' : `${snapshots.length} of runs of this system, and none`} with the tag ${ResourceTag.Verified}; expected one. ` +
        'See "lights-out restore --list"; a snapshot that is not proved is restored in the RDS console, at your own risk',
    );
  }
  const asked = snapshots.find((snapshot) => snapshot.run === run);
  if (asked !== undefined && isGood(asked)) return asked;
  const found =
    asked === undefined
      ? 'RDS has no snapshot of such a run of this system'
      : asked.isVerified
        ? `its snapshot ${asked.identifier} is "${asked.status}"`
        : `its snapshot ${asked.identifier} was never proved`;
  throw new BadInputError(
    `--run ${run}: ${found}; expected a run whose snapshot is proved and available: ${known}`,
  );
}
