import { setTimeout } from 'node:timers/promises';
import type { SystemConfig } from '../functions/contract/config.ts';
import { messageOf } from '../functions/contract/errors.ts';
import { RESOURCE_PREFIX } from '../functions/contract/keys.ts';
import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';
import { readOptions } from './options.ts';
import {
  type Beside,
  LEGAL_NAME,
  LONGEST_NAME,
  nameBeside,
  RESTORED_FROM,
  type RestoredDatabase,
  type RestoringKind,
} from './restore/beside.ts';
import { restoringCluster } from './restore/cluster.ts';
import { restoringInstance } from './restore/instance.ts';
import { chosenSnapshot, type RunSnapshot, snapshotsOf } from './restore/snapshots.ts';
import { listInWords, restoredInWords } from './restore/words.ts';
import { readSystems, systemOf } from './systems-file.ts';

const OPTIONS = {
  system: { type: 'string' },
  run: { type: 'string' },
  as: { type: 'string' },
  list: { type: 'boolean' },
  'no-wait': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const POLL_MILLISECONDS = 30_000;

/** A restore of a large database may take hours. */
const DEADLINE_MILLISECONDS = 6 * 3600_000;

/** So often RDS may not list what it has just accepted. */
const UNLISTED_LOOKS = 10;

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
    const snapshot = chosenSnapshot(snapshots, values.run);
    const beside: Beside = { snapshot, identifier: nameOf(config, snapshot, values.as) };
    const kind = config.database.kind === 'cluster' ? restoringCluster(config) : restoringInstance(config);
    const restored = await restore(kind, beside, values['no-wait'] === true ? undefined : pause);
    const told = {
      restored: beside.identifier,
      arn: restored?.arn,
      status: restored?.status ?? 'requested',
      endpoint:
        restored?.address === undefined ? undefined : { address: restored.address, port: restored.port },
      from: { run: snapshot.run, snapshot: snapshot.identifier },
    };
    return print(values.json, told, restoredInWords(config, beside, restored, kind.renaming(beside)));
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    console.error(
      `lights-out: RDS did not do it (${error instanceof Error ? `${error.name}: ` : ''}${messageOf(error)}); nothing was changed of ${config.database.identifier}. Mend that, then type the same command again: it goes on`,
    );
    return 1;
  }
}

function print(json: boolean | undefined, value: unknown, text: string): 0 {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text);
  return 0;
}

function nameOf({ database }: SystemConfig, { run }: RunSnapshot, as: string | undefined): string {
  const name = as ?? nameBeside(database.identifier, run);
  if (name.length > LONGEST_NAME || !LEGAL_NAME.test(name))
    throw new BadInputError(
      `--as ${shown(name)}: expected at most ${LONGEST_NAME} letters, digits and single hyphens, beginning with a letter, e.g. "${nameBeside(database.identifier, run)}"`,
    );
  if (name.toLowerCase().startsWith(`${RESOURCE_PREFIX}-`))
    throw new BadInputError(
      `--as ${name}: names that begin with "${RESOURCE_PREFIX}-" are those of test instances, which runs delete; expected another name`,
    );
  if (name.toLowerCase() === database.identifier.toLowerCase())
    throw new BadInputError(
      `--as ${name}: this is the system's own database, which is never written over; expected another name`,
    );
  return name;
}

/** Asks for what is missing and waits. Without `pause` it returns once RDS has taken the first request. */
async function restore(
  kind: RestoringKind,
  beside: Beside,
  pause: ((milliseconds: number) => Promise<unknown>) | undefined,
): Promise<RestoredDatabase | undefined> {
  let unlisted = 0;
  for (let waited = 0; ; waited += POLL_MILLISECONDS) {
    const found = await kind.find(beside.identifier);
    if (found !== undefined) requireOwn(found, beside);
    if (found?.progress === 'ready') return found;
    if (found?.progress === 'ended')
      throw new Error(`${beside.identifier} is "${found.status}"; expected it to become available`);
    if (found?.progress === 'further' || (found === undefined && unlisted === 0)) await kind.request(beside);
    if (found === undefined) unlisted += 1;
    if (unlisted > UNLISTED_LOOKS)
      throw new Error(`${beside.identifier} was asked for, and RDS does not list it`);
    if (pause === undefined) return found;
    if (waited >= DEADLINE_MILLISECONDS)
      throw new Error(
        `${beside.identifier} is still "${found?.status ?? 'not listed'}" after ${DEADLINE_MILLISECONDS / 3600_000} hours`,
      );
    console.error(`… ${beside.identifier}: ${found?.status ?? 'asked for'}`);
    await pause(POLL_MILLISECONDS);
  }
}

/** @throws BadInputError for a database of that name which was not restored from this snapshot by this command. */
function requireOwn({ tags, arn }: RestoredDatabase, { identifier, snapshot }: Beside): void {
  const from = tags.find(({ Key }) => Key === RESTORED_FROM)?.Value;
  if (from === snapshot.identifier) return;
  throw new BadInputError(
    `${identifier}: there is a database of this name already (${arn}), ${from === undefined ? 'which this command has not made' : `restored from ${from}`}; nothing was touched. Expected a name that is free: --as NAME`,
  );
}
