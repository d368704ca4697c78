import type { SystemConfig } from '../../contract/config.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName } from '../../contract/errors.ts';
import type { HealthEvidence } from '../../contract/health-state.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { pause } from '../../contract/pause.ts';
import type { Recovery } from '../../contract/recovery.ts';
import type { ReachedStartup, StartupOutcome } from '../../contract/startup-state.ts';
import type { ExecutionReference, Failure, RunContext } from '../../contract/state.ts';
import type { ConfirmationEvidence } from '../../databases/confirmation.ts';
import { recordStartupDurations } from '../../guard/durations.ts';
import { noteOpened } from '../../guard/intent.ts';
import { releaseLock } from '../../guard/lock.ts';
import { causeText } from '../../notices/outcome.ts';
import { recipientsOf } from '../../notices/recipients.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import { shorten } from '../../runtime/shorten.ts';
import { isOn, isSeen } from '../attention.ts';
import type { Certificate } from '../certificate.ts';
import { minimalContext, ownState, requesterWithoutPlan } from '../context.ts';
import { readHistory } from '../history.ts';
import { Parts } from '../parts.ts';
import type { ResourceState } from '../resources.ts';
import { stepSeconds } from '../step-seconds.ts';
import { type StartupCertificate, startupCertificate } from './certificate.ts';
import { hasBegun, startupOutcome } from './outcome.ts';
import { renderStartup } from './page.ts';
import { maintenanceAtEnd, startupResources } from './resources.ts';
import { tellStartup } from './tell.ts';

export interface StartupReport {
  outcome: StartupOutcome;
  certificateKey: string;
  reportKey: string;
  mailsSent: number;
  /** The error by which the execution ends. Absent when it ended well. */
  error?: Failure;
}

/**
 * Closes a start-up, however it ended: looks at every resource, stores certificate and report, tells the people, releases the lock. Each
 * part goes on when another fails; a failure of a necessary part is thrown at the end. Twice is harmless: everything is stored again, but
 * nobody is told twice.
 *
 * @param byCleanUp CleanUp closes a start-up that ended without.
 */
export async function closeStartup(
  execution: ExecutionReference,
  given: ReachedStartup & { recovery?: Recovery },
  byCleanUp: boolean,
): Promise<StartupReport> {
  const state: ReachedStartup & { recovery?: Recovery } = ownState(execution, given, byCleanUp);
  const parts = new Parts();
  const config = state.config ?? (await parts.attempt('the configuration', readConfiguration, 'essential'));
  const run = state.run ?? (await withoutPlan());
  const certificateKey = EvidenceKey.certificate(run.system, run.id);
  const reportKey = EvidenceKey.report(run.system, run.id);
  const { shutdown: ended } = state.wake ?? {};
  const [history, resources = [], shutdown, compared, health] = await Promise.all([
    parts.attempt('the history', () => readHistory(execution.id)),
    config === undefined
      ? undefined
      : parts.attempt('the look at the resources', () => resourcesAtEnd(config, state)),
    ended === undefined
      ? undefined
      : parts.attempt('the shutdown’s certificate', () =>
          readEvidence<Certificate>(EvidenceKey.certificate(run.system, ended.run)),
        ),
    parts.attempt('the comparison', () =>
      readEvidence<ConfirmationEvidence>(EvidenceKey.confirmation(run.system, run.id)),
    ),
    parts.attempt('the health checks', () =>
      readEvidence<HealthEvidence>(EvidenceKey.health(run.system, run.id)),
    ),
  ]);
  const seen = withLastLook(state, resources);
  const outcome = startupOutcome(seen);
  const certificate = startupCertificate({
    run,
    state: seen,
    outcome,
    cleanedUp: state.recovery?.cleanedUp,
    resources: [
      ...resources,
      ...(config === undefined ? [] : maintenanceAtEnd(config, state, history?.steps ?? [])),
    ],
    steps: history?.steps ?? [],
    compared: compared?.value,
    health: health?.value,
    problems: parts.problems,
  });
  await parts.attempt('the certificate', () => writeEvidence(certificateKey, certificate), 'essential');
  let mailsSent = 0;
  if (config !== undefined) {
    const store = () =>
      parts.attempt('the report', () =>
        writeEvidence(
          reportKey,
          renderStartup({
            certificate,
            config,
            history,
            shutdown: shutdown?.value,
            comparison: compared?.value.comparison,
            bucket: environmentVariable(EnvironmentVariable.EvidenceBucket),
          }),
          'text/html; charset=utf-8',
        ),
      );
    await store();
    mailsSent =
      (await parts.attempt('the notices', () => tellStartup(config, seen, certificate, reportKey))) ?? 0;
  }
  if (outcome === 'succeeded')
    await parts.attempt('the durations', () =>
      recordStartupDurations(run.system, {
        runId: run.id,
        endedAt: new Date(Date.now()).toISOString(),
        seconds: stepSeconds(history?.steps ?? []),
      }),
    );
  // Users who could not be told hear it from the next start-up, which does not find the system open until they have.
  if (mailsSent > 0 || config === undefined || recipientsOf(config, 'users').length === 0)
    await parts.attempt('the mark', () => mark(certificate), 'essential');
  // The lock of a start-up that had begun is released last: without certificate and mark, a clean-up closes it again.
  if (hasBegun(state)) parts.throwIfEssential();
  if (!run.dryRun)
    await parts.attempt('the release of the lock', () => releaseLock(run.system, execution.id), 'essential');
  parts.throwIfEssential();
  const { failure } = certificate;
  return {
    outcome,
    certificateKey,
    reportKey,
    mailsSent,
    // As of a shutdown: Lambda's own trace is of no use to whoever reads the execution.
    ...(failure === undefined
      ? {}
      : { error: { Error: failure.Error, Cause: shorten(causeText(failure.Cause)) } }),
  };

  async function withoutPlan(): Promise<RunContext> {
    const asked = await parts.attempt('the look who asked', () =>
      requesterWithoutPlan(execution, given as never, byCleanUp),
    );
    const context = minimalContext(execution, { ...given }, config, asked ?? 'unknown');
    return { ...context, action: 'startup' };
  }
}

/** Pauses before another look, in milliseconds, as at the end of a shutdown (`look-at-end.ts`): EC2 and RDS may answer an older state. */
const PAUSES_MILLISECONDS = [2_000, 4_000, 4_000];

async function resourcesAtEnd(config: SystemConfig, state: ReachedStartup): Promise<ResourceState[]> {
  for (const milliseconds of PAUSES_MILLISECONDS) {
    const resources = await startupResources(config, state);
    if (withLastLook(state, resources) === state) return resources;
    await pause(milliseconds);
  }
  return startupResources(config, state);
}

/**
 * The state with what was seen last: what fell down after the doors had opened is a failure of the run, and nobody is told that all is well.
 */
function withLastLook<State extends ReachedStartup>(state: State, resources: ResourceState[]): State {
  if (state.failure !== undefined || state.opened?.done !== true) return state;
  const staysOff = new Set(
    state.wake?.servers.flatMap(({ name, comesUp }) => (comesUp ? [] : [`server ${name}`])),
  );
  const down = resources.filter(
    (resource) => isSeen(resource) && !isOn(resource) && !staysOff.has(resource.name),
  );
  if (down.length === 0) return state;
  const isDatabase = down.some(({ kind }) => kind === 'database');
  const failure: Failure = {
    Error: isDatabase ? ErrorName.DatabaseDidNotStart : ErrorName.ServerDidNotStart,
    Cause: `the doors had opened, and at the end ${down.map(({ name, state: found }) => `${name} was "${found}"`).join(', ')}; expected everything on: look at its events, then start the start-up again`,
  };
  return { ...state, failure };
}

/** From here on a later start-up finds the system open. */
async function mark({ run, outcome, openedAt }: StartupCertificate): Promise<void> {
  if (outcome === 'succeeded' && openedAt !== undefined) await noteOpened(run.system, openedAt);
}
