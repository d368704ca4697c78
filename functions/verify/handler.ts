import { readEvidence, writeEvidence } from '../shared/aws/evidence.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { ShutdownState, VerificationResult } from '../shared/contract/state.ts';
import { STATEMENT_TIMEOUT_SECONDS, WORK_BUDGET_MILLISECONDS } from '../shared/engines/budget.ts';
import { readCredentials } from '../shared/engines/credentials.ts';
import { type Comparison, compareManifests, type Manifest, totals } from '../shared/engines/manifest.ts';
import { connectPostgres } from '../shared/engines/postgres/connection.ts';
import { recordManifest } from '../shared/engines/postgres/manifest.ts';
import { requireDatabase } from '../shared/planned.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';

export type VerifyEvent = StepEvent<
  'compare',
  'run' | 'config' | 'plan' | 'backup' | 'restore' | 'comparison'
>;

/** Differences named in the error; all of them stand in the evidence. */
const NAMED_DIFFERENCES = 5;

/**
 * Reads the restored copy in the same way as the source and compares the two.
 *
 * Trigger: the workflow's state "Verify restore", called again until done. Reads only. The comparison is stored before a
 * mismatch is thrown, so that the evidence outlives the test instance.
 * Rejects with `VerificationMismatch` (which objects), `VerificationImpossible` (nothing to compare, or the copy is the source
 * itself), `DatabaseUnreachable`.
 */
export const handler = defineStep('verify', async (event: VerifyEvent): Promise<VerificationResult> => {
  const { run, config } = event.state;
  const { since } = elapsed(event.state.comparison);
  const copy = requireCopy(event.state);
  const source = await readEvidence<Manifest>(EvidenceKey.sourceManifest(config.name, run.id));
  if (source === undefined) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      'the manifest of the source is not in the evidence bucket; expected the step "Record manifest" to have stored it',
    );
  }
  const restoredKey = EvidenceKey.restoredManifest(config.name, run.id);
  const resume = await resumable(restoredKey, copy.address, copy.port);
  const credentials = await readCredentials(config.database.credentialsSecretArn);
  const { manifest, complete } = await recordManifest({
    ...copy,
    connect: (name) =>
      connectPostgres({
        ...copy,
        database: name,
        credentials,
        statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS,
      }),
    databases: config.database.databases,
    resume,
    stopAt: Date.now() + WORK_BUDGET_MILLISECONDS,
  });
  requireAnotherServer(source.value, manifest);
  await writeEvidence(restoredKey, manifest);
  const key = EvidenceKey.verification(config.name, run.id);
  if (!complete) return { done: false, waitSeconds: 1, since, equal: false, key, ...totals(manifest) };

  const comparison = compareManifests(source.value, manifest);
  await writeEvidence(key, evidenceOf(comparison, source.value, manifest));
  if (!comparison.equal) throw mismatch(comparison, key);
  return {
    done: true,
    waitSeconds: 0,
    since,
    equal: true,
    tables: comparison.tables,
    rows: comparison.rows,
    key,
  };
});

/** What `verification.json` holds. */
export interface VerificationEvidence extends Comparison {
  source: Manifest['server'];
  restored: Manifest['server'];
  comparedAt: string;
}

function evidenceOf(comparison: Comparison, source: Manifest, restored: Manifest): VerificationEvidence {
  return {
    ...comparison,
    source: source.server,
    restored: restored.server,
    comparedAt: new Date(Date.now()).toISOString(),
  };
}

/** The copy's endpoint, proved not to be the source's by what RDS said of both. */
function requireCopy(state: Pick<ShutdownState, 'plan' | 'restore'>): { address: string; port: number } {
  const source = requireDatabase(state.plan);
  const { address, port, resourceId } = state.restore;
  if (address === undefined || port === undefined) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `test instance ${state.restore.identifier} has no endpoint; expected the step "Restore test instance" to have found one`,
    );
  }
  const same = address === source.address && port === source.port;
  if (same || (resourceId !== undefined && resourceId === source.resourceId)) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `the copy at ${address}:${port} is the source itself; a comparison of a database with itself proves nothing`,
    );
  }
  return { address, port };
}

/**
 * The servers themselves say who they are: a restored copy keeps the source's system identifier but was started by
 * itself; the same start time on the same identifier is the same server behind two names.
 */
function requireAnotherServer(source: Manifest, restored: Manifest): void {
  const { server: a } = source;
  const { server: b } = restored;
  if (a.startedAt === b.startedAt && a.systemIdentifier === b.systemIdentifier) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `${a.address}:${a.port} and ${b.address}:${b.port} are one and the same server (started ${a.startedAt}); expected a restored copy`,
    );
  }
  if (
    a.systemIdentifier !== undefined &&
    b.systemIdentifier !== undefined &&
    a.systemIdentifier !== b.systemIdentifier
  ) {
    throw new LightsOutError(
      ErrorName.VerificationImpossible,
      `${b.address}:${b.port} was not restored from a snapshot of ${a.address}:${a.port}: their system identifiers differ`,
    );
  }
}

/** An earlier call's part of the same copy; a part of another copy (an earlier test instance of this run) is not used. */
async function resumable(key: string, address: string, port: number): Promise<Manifest | undefined> {
  const stored = (await readEvidence<Manifest>(key))?.value;
  return stored?.server.address === address && stored.server.port === port ? stored : undefined;
}

function mismatch(comparison: Comparison, key: string): LightsOutError {
  const named = comparison.differences
    .slice(0, NAMED_DIFFERENCES)
    .map((difference) => `${difference.object} (${difference.detail})`);
  const more = comparison.differences.length - named.length;
  return new LightsOutError(
    ErrorName.VerificationMismatch,
    `the restored copy differs from the source in ${comparison.differences.length} objects: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}. ` +
      `Expected both equal; the backup is not proved, so nothing was switched off. All differences: ${key}`,
  );
}
