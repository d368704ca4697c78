import { EnvironmentVariable } from '../../contract/environment.ts';
import type { HealthEvidence } from '../../contract/health-state.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Recovery } from '../../contract/recovery.ts';
import type { ReachedStartup, StartupOutcome } from '../../contract/startup-state.ts';
import type { ExecutionReference, RunContext } from '../../contract/state.ts';
import type { ConfirmationEvidence } from '../../databases/confirmation.ts';
import { noteOpened } from '../../guard/intent.ts';
import { releaseLock } from '../../guard/lock.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { readEvidence, writeEvidence } from '../../runtime/evidence.ts';
import type { Certificate } from '../certificate.ts';
import { minimalContext, ownState, requesterWithoutPlan } from '../context.ts';
import { readHistory } from '../history.ts';
import { Parts } from '../parts.ts';
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
  const state = ownState(execution, given as never, byCleanUp) as ReachedStartup & { recovery?: Recovery };
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
      : parts.attempt('the look at the resources', () => startupResources(config, state)),
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
  const outcome = startupOutcome(state);
  const certificate = startupCertificate({
    run,
    state,
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
  await parts.attempt('the mark', () => mark(certificate), 'essential');
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
      (await parts.attempt('the notices', () => tellStartup(config, state, certificate, reportKey))) ?? 0;
  }
  // The lock of a start-up that had begun is released last: without certificate and mark, a clean-up closes it again.
  if (hasBegun(state)) parts.throwIfEssential();
  if (!run.dryRun)
    await parts.attempt('the release of the lock', () => releaseLock(run.system, execution.id), 'essential');
  parts.throwIfEssential();
  return { outcome, certificateKey, reportKey, mailsSent };

  async function withoutPlan(): Promise<RunContext> {
    const asked = await parts.attempt('the look who asked', () =>
      requesterWithoutPlan(execution, given as never, byCleanUp),
    );
    const context = minimalContext(execution, { ...given }, config, asked ?? 'unknown');
    return { ...context, action: 'startup' };
  }
}

/** From here on a later start-up finds the system open. */
async function mark({ run, outcome, openedAt }: StartupCertificate): Promise<void> {
  if (outcome === 'succeeded' && openedAt !== undefined) await noteOpened(run.system, openedAt);
}
