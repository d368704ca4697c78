import { compareManifests } from './compare.ts';
import type { Engine, Survey } from './engine.ts';
import { type DatabaseManifest, type Manifest, objectName, type WriteCounters } from './manifest.ts';

/** What a server's own counters say of the time since its manifest was begun. */
export interface WriteSigns {
  /** `unclear`: the counters do not answer, or they moved for something that may be no write to these databases. */
  wrote: 'nothing' | 'something' | 'unclear';
  /** The observation behind `wrote`. */
  detail: string;
  /** Objects that were written to, as far as the server tells. */
  objects: string[];
}

/** Engines whose log position moves with every write to any database. If the position stands still, nothing was written. */
const LOGS_EVERYTHING = new Set(['postgres', 'sqlserver']);

/** Largest distance between two start times told by one server, in milliseconds: MySQL tells its uptime in whole seconds. */
const SAME_START_MILLISECONDS = 10_000;

/**
 * Asks a server whether its databases were written to since a manifest of it was begun. It reads counters, definitions and sequences
 * but no row, so it takes seconds whatever the size.
 *
 * @param wanted names in the configuration; undefined for every database.
 */
export async function writtenSince(
  engine: Engine,
  manifest: Manifest,
  wanted: string[] | undefined,
): Promise<WriteSigns> {
  const { server, databases } = await engine.look();
  const { startedAt, writePosition } = manifest.server;
  if (Math.abs(Date.parse(server.startedAt) - Date.parse(startedAt)) > SAME_START_MILLISECONDS)
    return unclear('the server was restarted meanwhile, and counts anew');
  const position = server.writePosition;
  if (LOGS_EVERYTHING.has(manifest.engine) && position !== undefined && position === writePosition)
    return {
      wrote: 'nothing',
      detail: `the server's log stands where it stood, at ${position}`,
      objects: [],
    };
  const others =
    wanted === undefined
      ? databases.filter((name) => !manifest.databases.some((each) => each.name === name))
      : [];
  if (others.length > 0) return something(others.map((name) => `database ${name}`));
  const signs: WriteSigns[] = [];
  for (const database of manifest.databases) signs.push(await signsOf(engine, manifest, database));
  const written = signs.filter(({ wrote }) => wrote === 'something').flatMap(({ objects }) => objects);
  if (written.length > 0) return something(written);
  return (
    signs.find(({ wrote }) => wrote === 'unclear') ?? {
      wrote: 'nothing',
      detail: 'the server counted no row written to these databases, and their definitions are the same',
      objects: [],
    }
  );
}

function unclear(detail: string): WriteSigns {
  return { wrote: 'unclear', detail, objects: [] };
}

function something(objects: string[]): WriteSigns {
  return { wrote: 'something', detail: 'the server counted writes to these databases', objects };
}

async function signsOf(engine: Engine, manifest: Manifest, database: DatabaseManifest): Promise<WriteSigns> {
  const reading = await engine.open(database.name);
  try {
    const before = database.writeCounters;
    const now = await reading.writeCounters?.();
    if (before === undefined || now === undefined)
      return unclear(
        `the server does not count writes by database; its log went on${manifest.server.writePosition === undefined ? ', as far as this user may see' : ''}, for whatever database`,
      );
    const written = [
      ...writtenTo(before, now),
      ...definitionsChanged(manifest, database, await reading.survey()),
    ];
    if (written.length > 0) return something(written.map((name) => objectName(database.name, name)));
    if (!now.complete)
      return unclear(
        `somebody is connected to database "${database.name}" whose writes may not be counted yet`,
      );
    if (before.other !== now.other || Object.keys(before.rows).some((name) => !(name in now.rows)))
      return unclear(`the server wrote, and does not tell whether to database "${database.name}"`);
    return { wrote: 'nothing', detail: '', objects: [] };
  } finally {
    await reading.close();
  }
}

/** Tables whose counters moved. The definition of a new table tells of that one. */
function writtenTo(before: WriteCounters, now: WriteCounters): string[] {
  return Object.entries(now.rows).flatMap(([name, written]) => (before.rows[name] === written ? [] : [name]));
}

function definitionsChanged(
  manifest: Manifest,
  database: DatabaseManifest,
  { schema, sequences }: Survey,
): string[] {
  const only: Manifest = { ...manifest, databases: [database] };
  const now: Manifest = { ...manifest, databases: [{ ...database, schema, sequences }] };
  const prefix = objectName(database.name, '');
  return compareManifests(only, now).differences.map(({ object }) => object.slice(prefix.length));
}
