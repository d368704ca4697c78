import type { Engine } from '../../../engines/engine.ts';
import type { Manifest } from '../../../engines/manifest.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { messageOf } from '../../contract/errors.ts';
import { engineOfSystem } from '../../databases/system-engine.ts';

/** Whether anybody wrote to the source during the backup, by its server's counters. This is evidence only: the comparison decides. */
export interface SourceWrites {
  /** When the recording of its manifest began, ISO 8601. */
  since: string;
  /** After the snapshot: now. */
  until: string;
  wrote: 'nothing' | 'something' | 'unknown';
  /** The source of this statement. */
  detail: string;
}

const STATEMENT_TIMEOUT_SECONDS = 30;

/** Asks the source's counters again. If they cannot be asked, the answer says why, and the verification goes on. */
export async function lookForWrites(config: SystemConfig, source: Manifest): Promise<SourceWrites> {
  const { engine } = await engineOfSystem(config, source.server, STATEMENT_TIMEOUT_SECONDS);
  const answer = await askAgain(engine, source).catch((error: unknown): Answer => {
    const words = error instanceof Error && 'code' in error ? engine.describe(error) : messageOf(error);
    return { wrote: 'unknown', detail: `the source could not be asked again (${words})` };
  });
  return { since: source.recordedAt, until: new Date(Date.now()).toISOString(), ...answer };
}

type Answer = Pick<SourceWrites, 'wrote' | 'detail'>;

async function askAgain(engine: Engine, source: Manifest): Promise<Answer> {
  const { server } = await engine.look();
  if (server.startedAt !== source.server.startedAt)
    return { wrote: 'unknown', detail: 'the source was restarted meanwhile, and counts anew' };
  const counted = source.databases.flatMap(({ name, rowsWritten }) =>
    rowsWritten === undefined ? [] : [{ name, began: BigInt(rowsWritten.began) }],
  );
  if (counted.length === source.databases.length) {
    let written = 0n;
    for (const { name, began } of counted) written += (await rowsWrittenTo(engine, name)) - began;
    return written === 0n
      ? { wrote: 'nothing', detail: 'the server counted no row written to these databases' }
      : { wrote: 'something', detail: `the server counted ${written} rows written to these databases` };
  }
  const before = source.server.writePosition;
  if (before === undefined || server.writePosition === undefined)
    return { wrote: 'unknown', detail: 'the server tells no position of its log to this user' };
  return before === server.writePosition
    ? { wrote: 'nothing', detail: `the server's log stands where it stood, at ${before}` }
    : {
        wrote: 'something',
        detail: `the server's log went on, from ${before} to ${server.writePosition}: of whatever database`,
      };
}

async function rowsWrittenTo(engine: Engine, database: string): Promise<bigint> {
  const reading = await engine.open(database);
  try {
    return BigInt((await reading.rowsWritten?.()) ?? 0);
  } finally {
    await reading.close();
  }
}
