import { compareManifests } from '../../../engines/compare.ts';
import { type Comparison, type Manifest, totals } from '../../../engines/manifest.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { SourceLook } from '../../contract/last-look.ts';
import { shown } from '../../contract/shown.ts';
import type { ShutdownState } from '../../contract/state.ts';
import { compareLive } from '../../databases/live-comparison.ts';
import { locateOnServers } from '../../databases/locate-on-servers.ts';
import { requireInTime } from '../../databases/reading-deadline.ts';
import { manifestKey, recordServer } from '../../databases/spread.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { elapsed } from '../../runtime/step.ts';
import { signsOf, sourceAgain } from './confirm.ts';
import type { VerificationEvidence } from './evidence.ts';
import { mismatch } from './not-proved.ts';

type State = Pick<ShutdownState, 'run' | 'config' | 'sourceLook'>;

/** The most objects in the state; the evidence has all of them. */
const MOST_NAMED = 20;

/**
 * Tells what was written to a source in use while its backup was taken and compared, from what is wrong with the backup. Where the copy is
 * as the source was, its counters are enough. Else the source is read once more.
 *
 * Twice is harmless: the source is read again under a name of its own, and the evidence is written again.
 *
 * @throws LightsOutError `VerificationMismatch` for differences that no write explains, `VerificationImpossible` (also where nothing could be
 * compared), `DatabaseUnreachable`.
 */
export async function explainDifferences(state: State, before: Manifest): Promise<SourceLook> {
  const { config, run } = state;
  const previous = state.sourceLook?.done === false ? state.sourceLook : undefined;
  const { since, seconds } = elapsed(previous);
  requireInTime('source', config, seconds);
  const key = EvidenceKey.verification(config.name, run.id);
  const stored = await requireStored<VerificationEvidence>(key);
  const reading = previous?.reading ?? since.replaceAll(/[^0-9]/g, '');
  const recorded = sourceAgain(state, before, reading);
  const look = { since, key, reading, wrote: 'unclear' as const, detail: '', objects: [] };

  const copy = await requireStored<Manifest>(EvidenceKey.restoredManifest(config.name, run.id));
  let after: Manifest | undefined;
  // Not by the stored comparison: a call whose answer was lost has put what it found in its place.
  if (!compareManifests(before, copy).equal) {
    const resume = (await readEvidence<Manifest>(manifestKey(recorded)))?.value;
    const read =
      resume !== undefined && resume.incomplete !== true
        ? { manifest: resume, complete: true }
        : await recordServer(recorded, { resume, like: before });
    if (!read.complete)
      return {
        ...look,
        done: false,
        waitSeconds: 1,
        ...('spread' in read && read.spread !== undefined ? { spread: read.spread } : {}),
      };
    after = read.manifest;
  }
  const { wrote, detail, objects } = await signsOf(state, before);
  const { comparison, written } = compareLive({ before, copy, after, counted: objects });
  const until = new Date(Date.now()).toISOString();
  const evidence: VerificationEvidence = {
    ...stored,
    ...comparison,
    live: { from: before.recordedAt, until, written },
  };
  if (!comparison.equal) {
    const differences = await locateOnServers(config, comparison.differences, before, copy);
    const located = { ...comparison, differences };
    await writeEvidence(key, { ...evidence, ...located });
    throw mismatch(located, key);
  }
  await writeEvidence(key, evidence);
  requireSomethingCompared(before, comparison);
  const named = written.map(({ object }) => shown(object)).slice(0, MOST_NAMED);
  return {
    ...look,
    wrote: written.length > 0 ? 'something' : wrote,
    detail,
    objects: named,
    done: true,
    waitSeconds: 0,
    at: until,
    endedAt: until,
  };
}

/** @throws LightsOutError `VerificationImpossible` where users wrote to every table: then nothing is proved. */
function requireSomethingCompared(before: Manifest, { tables }: Comparison): void {
  if (tables > 0 || totals(before).tables === 0) return;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    'every table was written to before and after the snapshot, so no table of the copy could be compared; expected one at least that stood still. The backup is not proved: start the run again when fewer people work',
  );
}

async function requireStored<Value>(key: string): Promise<Value> {
  const found = (await readEvidence<Value>(key))?.value;
  if (found !== undefined) return found;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `${key} is not in the evidence bucket; expected the step "Verify restore" to have stored it: start the run again`,
  );
}
