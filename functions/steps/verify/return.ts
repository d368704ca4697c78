import { compareManifests } from '../../../engines/compare.ts';
import { type Comparison, type Manifest, totals } from '../../../engines/manifest.ts';
import { counted } from '../../contract/counted.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import { shown } from '../../contract/shown.ts';
import type { Confirmation, ConfirmPlan, StartupState } from '../../contract/startup-state.ts';
import type { BatchRead } from '../../contract/state.ts';
import type { ConfirmationEvidence } from '../../databases/confirmation.ts';
import { manifestKey, type Recorded, readOneBatch, recordServer } from '../../databases/spread.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { log } from '../../runtime/log.ts';
import { elapsed } from '../../runtime/step.ts';

type State = Pick<StartupState, 'run' | 'config' | 'wake' | 'database' | 'confirmation'>;

/** A database that RDS has just called available may refuse connections for a while: after a recovery, while its name moves. */
const ANSWERS_WITHIN_SECONDS = 15 * 60;
const UNREACHABLE_POLL_SECONDS = 15;

/** The most objects named in the error; the evidence has all of them. */
const MOST_NAMED = 5;

/**
 * Compares what comes back with what the shutdown had put away, before any server starts and writes. Data that differ end the start-up,
 * unless a person accepts them on record.
 *
 * @throws LightsOutError `DataChanged` naming the objects, `DataNotConfirmed`, `DatabaseUnreachable`.
 */
export async function confirmReturn(state: State): Promise<Confirmation> {
  const { config, run, wake, confirmation: previous } = state;
  const { since, seconds } = elapsed(previous);
  const key = EvidenceKey.confirmation(config.name, run.id);
  const answer = { since, key, outcome: 'under way', equal: false, tables: 0, rows: 0 } as const;
  const { confirm } = wake;
  if (confirm.policy === 'none') return decide(state, { ...answer, why: confirm.why });
  if (confirm.policy === 'impossible') return unconfirmed(state, answer, confirm.why);
  if (seconds > config.startup.confirmTimeoutMinutes * 60)
    return unconfirmed(
      state,
      answer,
      `the database was not read to the end within ${config.startup.confirmTimeoutMinutes} minutes (startup.confirmTimeoutMinutes)`,
    );
  try {
    return await compareReturn(state, answer, seconds);
  } catch (error) {
    // A manifest that is gone, another major version, a missing privilege: a comparison that cannot be made is decided as one that was not.
    if (!(error instanceof LightsOutError && error.name === ErrorName.VerificationImpossible)) throw error;
    return unconfirmed(state, answer, error.message);
  }
}

/** Goes on reading. Compares once everything is read. */
async function compareReturn(
  state: State,
  answer: Omit<Confirmation, 'done' | 'waitSeconds'>,
  seconds: number,
): Promise<Confirmation> {
  const { confirm } = state.wake;
  const source = await manifestOf(confirm);
  const again = { ...answer, done: false, waitSeconds: lookAgainIn(1, seconds) };
  const progress = await read(state, source).catch((error: unknown) => {
    const away = error instanceof LightsOutError && error.name === ErrorName.DatabaseUnreachable;
    if (!away || seconds > ANSWERS_WITHIN_SECONDS) throw error;
    log('info', 'verify: the database does not answer yet', { reason: messageOf(error) });
    return undefined;
  });
  if (progress === undefined)
    return { ...again, waitSeconds: lookAgainIn(UNREACHABLE_POLL_SECONDS, seconds) };
  const { manifest, complete, spread } = progress;
  if (spread !== undefined) return { ...again, ...totals(manifest), spread };
  if (!complete) return { ...again, ...totals(manifest) };
  const comparison = compareManifests(source, manifest);
  const found = { ...answer, ...totals(manifest), equal: comparison.equal };
  if (comparison.equal) return decide(state, { ...found, outcome: 'equal' }, comparison);
  if (confirm.accept !== undefined) return decide(state, found, comparison);
  await keep(state, { ...found, outcome: 'not-confirmed' }, comparison);
  throw different(comparison, answer.key);
}

/** Reads one batch of a large database for the comparison. */
export async function readReturnBatch(state: State, batch: number): Promise<BatchRead> {
  return readOneBatch(recordedOf(state, await manifestOf(state.wake.confirm)), batch);
}

async function read(state: State, source: Manifest): Promise<Awaited<ReturnType<typeof recordServer>>> {
  const recorded = recordedOf(state, source);
  const resume = (await readEvidence<Manifest>(manifestKey(recorded)))?.value;
  return recordServer(recorded, { resume, like: source });
}

/** The endpoint of now: a database that was restored under its old name has another one than the manifest says. */
function recordedOf({ config, run, database }: State, { server }: Manifest): Recorded {
  const { address = server.address, port = server.port } = database ?? {};
  return { config, run, side: 'again-return', address, port, onServer: () => undefined };
}

async function manifestOf(confirm: ConfirmPlan): Promise<Manifest> {
  const key = confirm.policy === 'full' ? confirm.manifestOf : '';
  const manifest = key === '' ? undefined : (await readEvidence<Manifest>(key))?.value;
  if (manifest !== undefined && manifest.incomplete !== true) return manifest;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `what the shutdown recorded is ${manifest === undefined ? 'not' : 'not complete'} in the evidence bucket (${key}), where its first version can be restored`,
  );
}

/** Ends the step, on record. */
async function decide(
  state: State,
  found: Omit<Confirmation, 'done' | 'waitSeconds'>,
  comparison?: Comparison,
): Promise<Confirmation> {
  const { accept } = state.wake.confirm;
  const outcome =
    found.outcome === 'equal'
      ? ('equal' as const)
      : accept === undefined
        ? ('not-confirmed' as const)
        : ('accepted' as const);
  const decided = { ...found, outcome, ...(outcome === 'accepted' && accept ? { accepted: accept } : {}) };
  await keep(state, decided, comparison);
  return { ...decided, done: true, waitSeconds: 0 };
}

async function unconfirmed(
  state: State,
  answer: Omit<Confirmation, 'done' | 'waitSeconds'>,
  why: string,
): Promise<Confirmation> {
  const { config, wake } = state;
  if (wake.confirm.accept !== undefined || config.startup.unconfirmed === 'go-on')
    return decide(state, { ...answer, why });
  await keep(state, { ...answer, outcome: 'not-confirmed', why });
  throw new LightsOutError(
    ErrorName.DataNotConfirmed,
    `what comes back could not be compared with what the shutdown put away: ${why}. Expected a comparison before servers start (startup.unconfirmed "stay-closed"), so nobody is let in. ` +
      'Look at the data, then let it start as it is: lights-out startup --accept-differences REASON',
  );
}

async function keep(
  { config, run, wake }: State,
  { spread: _read, ...found }: Omit<Confirmation, 'done' | 'waitSeconds'>,
  comparison?: Comparison,
): Promise<void> {
  const evidence: ConfirmationEvidence = {
    ...found,
    ...(wake.shutdown === undefined ? {} : { shutdown: wake.shutdown.run }),
    endedAt: new Date(Date.now()).toISOString(),
    ...(comparison === undefined ? {} : { comparison: ofReturn(comparison) }),
  };
  await writeEvidence(EvidenceKey.confirmation(config.name, run.id), evidence);
}

/** Both sides of this comparison are the same database: at the shutdown, and now. */
function ofReturn(comparison: Comparison): Comparison {
  const differences = comparison.differences.map((difference) => ({
    ...difference,
    object: shown(difference.object),
    detail: difference.detail.replaceAll('in the source', 'at the shutdown').replaceAll('in the copy', 'now'),
  }));
  return { ...comparison, differences };
}

function different(comparison: Comparison, key: string): LightsOutError {
  const { differences } = ofReturn(comparison);
  const named = differences.slice(0, MOST_NAMED).map(({ object, detail }) => `${object} (${detail})`);
  const more = differences.length - named.length;
  return new LightsOutError(
    ErrorName.DataChanged,
    `what comes back differs from what the shutdown put away in ${counted(differences.length, 'object')}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}. ` +
      'Expected both equal, so the servers stay off and nobody is let in. Find out who wrote while the system was off. If that was meant (a migration, for example), let it start: ' +
      `lights-out startup --accept-differences REASON. All differences: ${key}`,
  );
}
