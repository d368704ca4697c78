import { compareManifests } from '../../../engines/compare.ts';
import { type Manifest, type ServerIdentity, totals } from '../../../engines/manifest.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { EvidenceKey, resourceName } from '../../contract/keys.ts';
import type { SourceLook } from '../../contract/last-look.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { Confirmation, StartupState } from '../../contract/startup-state.ts';
import type { BatchRead, VerificationResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { locateOnServers } from '../../databases/locate-on-servers.ts';
import { requireInTime } from '../../databases/reading-deadline.ts';
import { type Recorded, readOneBatch, recordServer } from '../../databases/spread.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { requireDatabase } from '../../runtime/plan-results.ts';
import { defineStep, elapsed, type StepEvent } from '../../runtime/step.ts';
import { confirmSource, readBatchAgain } from './confirm.ts';
import { checkCopy } from './engine-check.ts';
import { verificationEvidence } from './evidence.ts';
import { explainDifferences } from './explain.ts';
import { damaged, mismatch } from './not-proved.ts';
import { confirmReturn, readReturnBatch } from './return.ts';
import { lookForWrites } from './source-writes.ts';

type Returning = Pick<StartupState, 'run' | 'config' | 'wake' | 'database' | 'confirmation'>;

export type VerifyEvent = (
  | StepEvent<
      'compare' | 'read' | 'confirm' | 'explain' | 'read-again',
      StateAfter<'restore', 'run' | 'config' | 'plan' | 'restore' | 'comparison' | 'sourceLook'>
    >
  | StepEvent<'return', Returning>
  | StepEvent<'read-return', Returning>
) & {
  /** Which batch to read. */
  batch?: number;
};

/** If a call has run longer than this, in milliseconds, the next call does the work after the comparison. */
const LATE_MILLISECONDS = 60_000;

/**
 * Reads the restored copy in the same way as the source, compares the two, and lets the engine check the copy for damage (`compare`). Reads
 * one batch of a large database (`read`). Just before the point of no return looks at the source again (`confirm`, `read-again`:
 * `confirm.ts`). In a run that only proves a backup tells what was written meanwhile (`explain`, `read-again`: `explain.ts`). Before a start-up's servers start, compares what comes back with what was put away (`return`, `read-return`: `return.ts`).
 *
 * Trigger: the states "Verify restore", "Confirm the source", "Read the source again" and "Confirm the data", called again until done, and their Maps over batches. It only
 * reads the source; in the copy it may create the engine's own check. The comparison is stored before a mismatch is thrown, so that the
 * evidence outlives the test instance.
 * Rejects with `VerificationMismatch` (which objects differ or are damaged), `VerificationImpossible` (nothing to compare, the copy is the
 * source itself, or the deadline for reading), `SourceChanged`, `DataChanged`, `DataNotConfirmed`, `DatabaseUnreachable`.
 */
export const handler = defineStep(
  'verify',
  async (event: VerifyEvent): Promise<VerificationResult | SourceLook | Confirmation | BatchRead> => {
    if (event.action === 'return') return confirmReturn(event.state);
    if (event.action === 'read-return') return readReturnBatch(event.state, event.batch ?? 0);
    const { run, config } = event.state;
    const source = await requireSource(event.state);
    if (event.action === 'confirm') return confirmSource(event.state, source);
    if (event.action === 'explain') return explainDifferences(event.state, source);
    if (event.action === 'read-again') return readBatchAgain(event.state, source, event.batch ?? 0);
    const copy: Recorded = {
      config,
      run,
      side: 'restored',
      ...requireCopy(event.state),
      onServer: (server) => requireAnotherServer(source.server, server, config),
    };
    return event.action === 'read'
      ? readOneBatch(copy, event.batch ?? 0)
      : compare(event.state, source, copy);
  },
);

async function requireSource({ config, run }: StateAfter<'plan', 'config' | 'run'>): Promise<Manifest> {
  const source = (await readEvidence<Manifest>(EvidenceKey.sourceManifest(config.name, run.id)))?.value;
  if (source === undefined || source.incomplete === true) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `the manifest of the source is ${source === undefined ? 'not' : 'not complete'} in the evidence bucket; expected the step "Record manifest" to have stored it: start the run again`,
    );
  }
  return source;
}

async function compare(
  state: StateAfter<'restore', 'comparison'>,
  source: Manifest,
  copy: Recorded,
): Promise<VerificationResult> {
  const begun = Date.now();
  const { config, run } = copy;
  const { since, seconds } = elapsed(state.comparison);
  requireInTime('copy', config, seconds);
  const restoredKey = EvidenceKey.restoredManifest(config.name, run.id);
  const stored = await resumable(restoredKey, copy);
  const read = stored !== undefined && stored.incomplete !== true;
  const { manifest, complete, spread } = read
    ? { manifest: stored, complete: true }
    : await recordServer(copy, { resume: stored, like: source });
  const key = EvidenceKey.verification(config.name, run.id);
  const again = {
    done: false,
    waitSeconds: lookAgainIn(1, seconds),
    since,
    equal: false,
    key,
    ...totals(manifest),
  };
  if (spread !== undefined) return { ...again, spread };
  if (!complete) return again;

  const comparison = compareManifests(source, manifest);
  await writeEvidence(key, verificationEvidence(comparison, source, manifest));
  // The check takes time of its own. This call may have little left, and the next call finds everything read.
  if (Date.now() - begun > LATE_MILLISECONDS) return again;
  // Of a source in use, the next step tells what was written meanwhile from what is wrong.
  if (!comparison.equal && run.onlyProve !== true) {
    const differences = await locateOnServers(config, comparison.differences, source, manifest);
    const located = { ...comparison, differences };
    const sourceWrites = await lookForWrites(config, source);
    await writeEvidence(key, { ...verificationEvidence(located, source, manifest), sourceWrites });
    throw mismatch(located, key);
  }
  const engineCheck = await checkCopy({ config, run, copy, manifest });
  if (engineCheck === undefined) return again;
  const sourceWrites = await lookForWrites(config, source);
  await writeEvidence(key, {
    ...verificationEvidence(comparison, source, manifest),
    sourceWrites,
    engineCheck,
  });
  if (engineCheck.problems.length > 0) throw damaged(engineCheck, key);
  return { ...again, done: true, waitSeconds: 0, equal: comparison.equal };
}

/** The copy's endpoint. RDS's facts about both prove that it is not the source's. */
function requireCopy(state: StateAfter<'restore', 'run' | 'config' | 'plan' | 'restore'>): {
  address: string;
  port: number;
} {
  const source = requireDatabase(state.plan);
  const { identifier, address, port, resourceId } = state.restore;
  if (address === undefined || port === undefined || resourceId === undefined) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `test instance ${identifier} has no endpoint or resource id; expected the step "Restore test instance" to have found both`,
    );
  }
  const own = identifier === resourceName(state.config.name, state.run.id);
  if (!own || (address === source.address && port === source.port) || resourceId === source.resourceId) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `${identifier} at ${address}:${port} is ${own ? 'the source itself' : "not this run's test instance"}; expected ${resourceName(state.config.name, state.run.id)}, restored from the run's snapshot: a comparison of a database with itself proves nothing`,
    );
  }
  return { address, port };
}

/**
 * Compares the servers' own identities. A restored copy keeps the source's system identifier and has a start time of its own. Two endpoints
 * with the same start time, to the microsecond, are one server.
 */
function requireAnotherServer(
  source: ServerIdentity,
  restored: ServerIdentity,
  { database }: Pick<SystemConfig, 'database'>,
): void {
  const names = [source, restored].map(({ address, port }) => `${address}:${port}`);
  const known = source.systemIdentifier !== undefined && restored.systemIdentifier !== undefined;
  // No documentation says that Aurora, whose storage is not PostgreSQL's own, keeps the identifier in a restored cluster.
  const kept = database.kind === 'instance';
  const differ = kept && known && source.systemIdentifier !== restored.systemIdentifier;
  if (differ) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `${names[1]} was not restored from a snapshot of ${names[0]}: their system identifiers differ`,
    );
  }
  if (source.startedAt === restored.startedAt) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `${names.join(' and ')} are one and the same server (started ${source.startedAt}); expected a restored copy`,
    );
  }
}

/** An earlier call's part of the same copy. The part of another copy (an earlier test instance of this run) is not used. */
async function resumable(
  key: string,
  { address, port }: { address: string; port: number },
): Promise<Manifest | undefined> {
  const stored = (await readEvidence<Manifest>(key))?.value;
  return stored?.server.address === address && stored.server.port === port ? stored : undefined;
}
