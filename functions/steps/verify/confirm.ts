import { compareManifests } from '../../../engines/compare.ts';
import type { Difference, Manifest } from '../../../engines/manifest.ts';
import { type WriteSigns, writtenSince } from '../../../engines/write-signs.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { SourceLook } from '../../contract/last-look.ts';
import { shown } from '../../contract/shown.ts';
import type { BatchRead, ShutdownState } from '../../contract/state.ts';
import type { LastLookEvidence } from '../../databases/last-look.ts';
import { requireInTime } from '../../databases/reading-deadline.ts';
import { manifestKey, type Recorded, readOneBatch, recordServer } from '../../databases/spread.ts';
import { engineOfSystem } from '../../databases/system-engine.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { elapsed } from '../../runtime/step.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'sourceLook'>;

const STATEMENT_TIMEOUT_SECONDS = 60;

/** The most objects that are named. */
const MOST_NAMED = 20;

/**
 * Looks at the source for the last time before the point of no return: is it still what was verified? Its counters answer within seconds.
 * If they moved, or cannot tell who wrote, the source is read again and compared, as `lateWrites` says.
 *
 * A look that is over and is asked for again begins anew. If the answer of a call was lost, the repeated call reads the counters again.
 * Each reading has a name of its own, so no call uses an earlier look's reading.
 *
 * @throws LightsOutError `SourceChanged` when the backup is older than the data, `DatabaseUnreachable`, `VerificationImpossible`.
 */
export async function confirmSource(state: State, source: Manifest): Promise<SourceLook> {
  const { config, run } = state;
  const previous = state.sourceLook?.done === false ? state.sourceLook : undefined;
  const { since, seconds } = elapsed(previous);
  requireInTime('source', config, seconds);
  const key = EvidenceKey.lastLook(config.name, run.id);
  const at = new Date(Date.now()).toISOString();
  if (previous?.reading !== undefined)
    return readAgain(state, source, { ...previous, reading: previous.reading });

  const signs = await signsOf(state, source);
  const found = { since, key, ...signs, objects: signs.objects.map(shown).slice(0, MOST_NAMED) };
  if (signs.wrote === 'nothing') {
    const look = { ...found, at, endedAt: at };
    await keep(state, look);
    return { ...look, done: true, waitSeconds: 0 };
  }
  if (signs.wrote === 'something' && config.lateWrites === 'roll-back') {
    await keep(state, { ...found, endedAt: at, outdated: true });
    throw changed(
      `the source was written to after its backup: ${signs.detail} (${namesOf(found.objects, signs.objects.length)})`,
      key,
      'The source was not read again (lateWrites "roll-back" in systems.ts).',
    );
  }
  const reading = since.replaceAll(/[^0-9]/g, '');
  return { ...found, reading, done: false, waitSeconds: 1 };
}

/** Reads one batch of the source for the current look. */
export function readBatchAgain(state: State, source: Manifest, batch: number): Promise<BatchRead> {
  return readOneBatch(sourceAgain(state, source, state.sourceLook?.reading ?? ''), batch);
}

/** Asks the counters. If they cannot be asked, the answer says why, and the source is read again. */
export async function signsOf({ config }: Pick<State, 'config'>, source: Manifest): Promise<WriteSigns> {
  const { engine } = await engineOfSystem(config, source.server, STATEMENT_TIMEOUT_SECONDS);
  return writtenSince(engine, source, config.database.databases).catch((error: unknown): WriteSigns => {
    const words = error instanceof Error && 'code' in error ? engine.describe(error) : messageOf(error);
    return {
      wrote: 'unclear',
      detail: `the source could not be asked what it counted (${words})`,
      objects: [],
    };
  });
}

/** Compares the source as it is now with the manifest that the copy was equal to. */
async function readAgain(
  state: State,
  source: Manifest,
  look: SourceLook & { reading: string },
): Promise<SourceLook> {
  const { spread: _read, ...found } = look;
  const recorded = sourceAgain(state, source, look.reading);
  const resume = (await readEvidence<Manifest>(manifestKey(recorded)))?.value;
  const { manifest, complete, spread } = await recordServer(recorded, { resume, like: source });
  if (!complete)
    return { ...found, done: false, waitSeconds: 1, ...(spread === undefined ? {} : { spread }) };
  const { equal, differences } = compareManifests(source, manifest);
  const endedAt = new Date(Date.now()).toISOString();
  if (!equal) {
    const compared = { equal, differences: differences.map(ofTheSource) };
    const names = differences.map(({ object }) => shown(object));
    await keep(state, { ...found, objects: names.slice(0, MOST_NAMED), endedAt, compared, outdated: true });
    throw changed(
      `the source is no longer what was verified: ${namesOf(names.slice(0, MOST_NAMED), names.length)} changed after the backup`,
      look.key,
    );
  }
  // Counters that prove nothing prove nothing now either. Then the source is known only up to the start of this reading.
  const since = await signsOf(state, manifest);
  if (since.wrote === 'something') {
    await keep(state, {
      ...found,
      objects: since.objects.map(shown).slice(0, MOST_NAMED),
      endedAt,
      outdated: true,
    });
    throw changed(
      `the source is still written to while it is read for the last time (${namesOf(since.objects.map(shown).slice(0, MOST_NAMED), since.objects.length)})`,
      look.key,
    );
  }
  const at = since.wrote === 'nothing' ? endedAt : manifest.recordedAt;
  const answer = { ...found, at, endedAt };
  await keep(state, { ...answer, compared: { equal, differences: [] } });
  return { ...answer, done: true, waitSeconds: 0 };
}

export function sourceAgain({ config, run }: State, { server }: Manifest, reading: string): Recorded {
  const { address, port } = server;
  return { config, run, side: `again-${reading}`, address, port, onServer: () => undefined };
}

/** Both sides of this comparison are the source: at the backup, and now. */
function ofTheSource(difference: Difference): Difference {
  const detail = difference.detail
    .replaceAll('in the source', 'at the backup')
    .replaceAll('in the copy', 'now');
  return { ...difference, object: shown(difference.object), detail };
}

function namesOf(names: string[], all: number): string {
  const more = all - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function keep({ config, run }: State, look: LastLookEvidence): Promise<void> {
  await writeEvidence(EvidenceKey.lastLook(config.name, run.id), look);
}

function changed(found: string, key: string, more = ''): LightsOutError {
  return new LightsOutError(
    ErrorName.SourceChanged,
    `${found}. Expected nothing to be written once the services had stopped; the backup is older than the data, so nothing was switched off. ${more === '' ? '' : `${more} `}` +
      `Find what writes (a job, a timer, a socket, a person: look at the database's sessions), add it to the system's services or stop it for the time of the shutdown, and start the run again. All of it: ${key}`,
  );
}
