import { setTimeout } from 'node:timers/promises';
import { defined } from '../functions/contract/defined.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { readOptions } from './options.ts';
import { type Beside, nameOf } from './restore/beside.ts';
import { restoringCluster } from './restore/cluster.ts';
import { GIVEN_OPTIONS, givenBy } from './restore/given.ts';
import { restoringInstance } from './restore/instance.ts';
import { refusalInWords } from './restore/refusal.ts';
import { chosenSnapshot, snapshotsOf } from './restore/snapshots.ts';
import { restoreAndWait } from './restore/wait.ts';
import { listInWords, restoredInWords } from './restore/words.ts';
import { readSystems, systemOf } from './systems-file.ts';

const OPTIONS = {
  system: { type: 'string' },
  run: { type: 'string' },
  as: { type: 'string' },
  ...GIVEN_OPTIONS,
  list: { type: 'boolean' },
  'no-wait': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/**
 * `lights-out restore`: makes a new database from a proved snapshot beside the system's own, with the credentials of this machine. It never touches
 * the old one. The name follows from the run, so that the same command goes on where an earlier one was interrupted.
 *
 * @param pause waits so many milliseconds. Default: real time.
 * @returns 0 when the database is available (with `--no-wait`: asked for), 1 when RDS refused it or it did not become available.
 * @throws BadInputError when an option is wrong, no snapshot is proved, or the source is gone. The command then ends with 2.
 */
export async function restoreCommand(
  argv: string[],
  pause: (milliseconds: number) => Promise<unknown> = setTimeout,
): Promise<number> {
  const values = readOptions('restore', argv, OPTIONS);
  if (values.system === undefined)
    throw new BadInputError('--system: missing; expected the name of the system in systems.ts, e.g. crm');
  const config = systemOf(await readSystems(), values.system);
  // The SDK reads the Region when the first client is made.
  if (config.environment !== undefined) process.env['AWS_REGION'] = config.environment.region;
  try {
    const snapshots = await snapshotsOf(config);
    if (values.list === true) return print(values.json, snapshots, listInWords(snapshots));
    const snapshot = chosenSnapshot(config, snapshots, values.run);
    const identifier = nameOf(config.database, snapshot.run, values.as);
    const beside: Beside = { snapshot, identifier, given: givenBy(values) };
    const kind = config.database.kind === 'cluster' ? restoringCluster(config) : restoringInstance(config);
    const restored = await restoreAndWait(kind, beside, values['no-wait'] === true ? undefined : pause);
    const { address, port } = restored ?? {};
    const told = {
      restored: identifier,
      arn: restored?.arn,
      status: restored?.status ?? 'requested',
      endpoint: address === undefined ? undefined : { address, port },
      from: {
        run: snapshot.run,
        snapshot: snapshot.identifier,
        ...defined({ takenAt: snapshot.takenAt }),
      },
      renaming: kind.renaming(beside),
    };
    return print(values.json, told, restoredInWords(config, beside, restored, told.renaming));
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    console.error(`lights-out: ${refusalInWords(error, config.database.identifier)}`);
    return 1;
  }
}

function print(json: boolean | undefined, value: unknown, text: string): 0 {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text);
  return 0;
}
